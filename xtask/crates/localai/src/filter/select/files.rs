//! What the rules say of each changed file, looked up once.

use super::Change;
use crate::filter::rules::{Lines, Rules};

/// A changed file.
#[derive(Debug)]
pub(super) struct File<'c> {
    pub path: &'c str,
    /// It reaches no build.
    pub ignored: bool,
    /// The first rule about who reads it in its own directory.
    pub narrowed: Option<usize>,
    /// The rules by which other backends are made from it.
    pub borrowed: Vec<usize>,
    /// The first rule about who shares it, and rules before that about lines of it.
    pub shared: Vec<usize>,
}

/// The files, by path.
pub(super) fn files<'c>(rules: &Rules, change: &Change<'c>) -> Vec<File<'c>> {
    let mut paths = change.paths.to_vec();
    paths.sort_unstable();
    paths.dedup();
    paths.into_iter().map(|path| file(rules, change, path)).collect()
}

fn file<'c>(rules: &Rules, change: &Change<'c>, path: &'c str) -> File<'c> {
    let counts = |lines: &Lines| {
        lines.all()
            || change.revisions.texts(path).is_none_or(|(previous, current)| !lines.same(&previous, &current))
    };
    let ignored = rules.ignored.hold(path);
    let borrowed = rules.borrowed.iter().enumerate();
    File {
        path,
        ignored,
        narrowed: rules.narrowed.iter().position(|rule| rule.files.hold(path)),
        borrowed: borrowed
            .filter(|(_, rule)| !ignored && rule.files.hold(path) && counts(&rule.lines))
            .map(|(index, _)| index)
            .collect(),
        shared: if ignored { Vec::new() } else { shared(rules, path, counts) },
    }
}

/// Rules about lines leave the other lines to those that follow; any other rule is the last.
fn shared(rules: &Rules, path: &str, counts: impl Fn(&Lines) -> bool) -> Vec<usize> {
    let mut found = Vec::new();
    for (index, rule) in rules.shared.iter().enumerate().filter(|(_, rule)| rule.files.hold(path)) {
        if counts(&rule.lines) {
            found.push(index);
        }
        if rule.lines.all() {
            break;
        }
    }
    found
}
