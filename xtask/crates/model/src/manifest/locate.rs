//! One file: read, check, and only if something is wrong look up where it stands.

use super::Files;
use super::diagnostic::Diagnostic;
use super::issue::{Issues, Part};
use super::limits;
use super::schema::Document;
use super::shape;
use super::tree::{Spot, Tree};
use super::yaml;
use camino::Utf8Path;
use serde::de::{DeserializeOwned, IgnoredAny};

/// Reads and checks one file; `None` when there are diagnostics.
pub(super) fn read<R: DeserializeOwned, T>(
    files: &Files,
    path: &Utf8Path,
    document: Document,
    found: &mut Vec<Diagnostic>,
    check: impl FnOnce(R, &mut Issues) -> Option<T>,
) -> Option<T> {
    let before = found.len();
    let Some(text) = files.get(path) else {
        let spot = Spot::START;
        found.push(Diagnostic::at(
            path,
            "",
            spot,
            "this file is missing".to_owned(),
            Some("restore it".to_owned()),
        ));
        return None;
    };
    let mut refused = |text| {
        let refusal = limits::refuse(text)?;
        found.push(Diagnostic::at(path, refusal.shown, refusal.spot, refusal.message, refusal.help));
        Some(())
    };
    if text.len() > limits::HARMLESS && refused(text).is_some() {
        return None;
    }
    let parsed = yaml::parse(text);
    // A short text was parsed unseen; what the parser tripped over may have a better name.
    if parsed.is_err() && refused(text).is_some() {
        return None;
    }
    if let Some(line) = document.first_line(path).filter(|line| text.lines().next() != Some(line)) {
        let length = text.lines().next().map_or(1, |line| line.chars().count().max(1));
        let spot = Spot { length, ..Spot::START };
        let message = "the first line must tell editors where the schema is".to_owned();
        found.push(Diagnostic::at(path, text, spot, message, Some(format!("write `{line}`"))));
    }
    if parsed.is_err() || may_hide(text) {
        let tree = Tree::parse(text);
        let schema = document.schema();
        // What is no YAML at all may still begin with what could be a misfit.
        let broken = tree.is_none().then(|| yaml::parse::<IgnoredAny>(text).err()).flatten();
        let misshapes = tree.map(|tree| shape::compare(&tree, &schema)).unwrap_or_default();
        found.extend(misshapes.into_iter().map(|m| Diagnostic::at(path, text, m.spot, m.message, m.help)));
        // What this parser or the schema let pass, the YAML library did not: then its words have to do.
        if let (Some(misfit), true) = (broken.as_ref().or(parsed.as_ref().err()), found.len() == before) {
            let (line, column) = misfit.at.unwrap_or((1, 1));
            let spot = Spot { line, column, length: 1 };
            found.push(Diagnostic::at(path, text, spot, misfit.message.clone(), None));
        }
    }
    let mut issues = Issues::default();
    let checked = check(parsed.ok()?, &mut issues);
    place(path, text, issues, found);
    checked.filter(|_| found.len() == before)
}

/// Whether a text that was read may hold what only a comparison finds: an anchor, a character that is not seen, a value that
/// begins like an option. Mostly it cannot, and nothing is parsed twice.
fn may_hide(text: &str) -> bool {
    let bytes = text.as_bytes();
    let begins = |window: &[u8]| matches!(window, [b' ' | b'"' | b'\'' | b'[' | b',', b'-', next] if !matches!(next, b' ' | b'\n'));
    !text.is_ascii() || text.contains(['&', '\\', '|', '>']) || bytes.windows(3).any(begins)
}

/// A file that is in no place where a manifest is looked for.
pub(super) fn misplaced(path: &Utf8Path, text: &str) -> Diagnostic {
    let help = format!(
        "manifests are {}, {} and backend/<lang>/<name>/{}",
        super::VARIANTS,
        super::SOURCES,
        super::BACKEND
    );
    Diagnostic::at(path, text, Spot::START, "no manifest belongs here".to_owned(), Some(help))
}

fn place(path: &Utf8Path, text: &str, issues: Issues, found: &mut Vec<Diagnostic>) {
    if issues.0.is_empty() {
        return;
    }
    let tree = Tree::parse(text);
    for issue in issues.0 {
        let spot = tree.as_ref().map_or(Spot::START, |tree| {
            let (key, value) = tree.find(&issue.hops);
            match issue.part {
                Part::Key => tree.nodes[key.unwrap_or(value)].spot,
                Part::Value => tree.spot(key, value),
            }
        });
        found.push(Diagnostic::at(path, text, spot, issue.message, issue.help));
    }
}
