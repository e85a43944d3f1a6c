//! What files said before the change: read where the user says, or asked of the API, and only if a rule looks at them.

use super::api::Api;
use super::files::lossy;
use super::texts::Texts;
use crate::cli::Reference;
use camino::Utf8Path;
use localai::filter::{Event, Rules};
use ui::Ui;

/// Earlier texts, where they are known.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// Of the matrix.
    pub matrix: Option<String>,
    /// Of the contract, with its present text.
    pub proto: Option<(String, String)>,
    /// Of files whose lines rules look at, with their present texts.
    pub texts: Texts,
}

/// Reads what the changed files ask for. What cannot be read is not known, and never an error.
pub(super) fn read(
    ui: &Ui,
    args: &Reference,
    rules: &Rules,
    event: &Event,
    api: Option<&Api>,
    paths: &[&str],
) -> Before {
    let source = Source { ui, previous_tree: args.previous_tree.as_deref(), event, api };
    let mut before = Before::default();
    if paths.contains(&rules.matrix.as_str()) {
        before.matrix = source.previous(args.previous_matrix.as_deref(), &rules.matrix);
    }
    if let Some(contract) = rules.proto.as_deref().filter(|contract| paths.contains(contract))
        && let Some(previous) = source.previous(args.previous_proto.as_deref(), contract)
    {
        let path = args.proto.clone().unwrap_or_else(|| args.tree.join(contract));
        before.proto = source.told(contract, lossy(&path)).map(|current| (previous, current));
    }
    for path in paths.iter().filter(|path| rules.looks_into(path)) {
        if let Some(previous) = source.known(path)
            && let Some(current) = source.told(path, lossy(&args.tree.join(path)))
        {
            before.texts.0.insert((*path).to_owned(), (previous, current));
        }
    }
    before
}

/// Where earlier texts come from.
struct Source<'a> {
    ui: &'a Ui,
    previous_tree: Option<&'a Utf8Path>,
    event: &'a Event,
    api: Option<&'a Api>,
}

impl Source<'_> {
    /// A text that decides over everything: that it is missing is worth a warning.
    fn previous(&self, file: Option<&Utf8Path>, path: &str) -> Option<String> {
        let text = match file {
            Some(file) => self.told(path, lossy(file)),
            None => self.known(path),
        };
        if text.is_none() {
            self.ui.warn(&format!(
                "{path} changed, and what it said before is not known: every entry counts as changed"
            ));
        }
        text
    }

    fn known(&self, path: &str) -> Option<String> {
        if let Some(tree) = self.previous_tree {
            return self.told(path, lossy(&tree.join(path)));
        }
        let base = self.event.base()?;
        self.told(path, self.api?.contents(path, base))
    }

    fn told<E: std::fmt::Display>(&self, path: &str, text: Result<String, E>) -> Option<String> {
        text.map_err(|error| self.ui.note(&format!("{path}: {error}"))).ok()
    }
}
