//! What a rule found: the place, what is wrong, what to do.

use camino::{Utf8Path, Utf8PathBuf};
use model::manifest::{Diagnostic, Files, Spot};

/// One thing that a rule does not allow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Finding {
    /// The file, relative to the repository's root.
    pub file: Utf8PathBuf,
    /// One-based.
    pub line: usize,
    /// One-based, in characters.
    pub column: usize,
    /// How many characters are meant.
    pub length: usize,
    /// The rule.
    pub rule: &'static str,
    /// What is wrong, and what was expected.
    pub message: String,
    /// What to do next.
    pub help: String,
}

impl Finding {
    /// The finding as manifests show theirs.
    pub fn diagnostic(&self, files: &Files) -> Diagnostic {
        let text = files.get(&self.file).map(String::as_str).unwrap_or_default();
        let spot = Spot { line: self.line, column: self.column, length: self.length };
        let message = format!("{} [{}]", self.message, self.rule);
        Diagnostic::at(&self.file, text, spot, message, Some(self.help.clone()))
    }
}

/// The findings of one rule.
#[derive(Debug)]
pub struct Found {
    rule: &'static str,
    list: Vec<Finding>,
}

impl Found {
    pub(crate) fn by(rule: &'static str) -> Self {
        Self { rule, list: Vec::new() }
    }

    /// Adds one.
    pub(crate) fn add(
        &mut self,
        file: &Utf8Path,
        spot: Spot,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let Spot { line, column, length } = spot;
        let (message, help) = (message.into(), help.into());
        let file = file.to_owned();
        self.list.push(Finding { file, line, column, length, rule: self.rule, message, help });
    }

    pub(crate) fn into_list(self) -> Vec<Finding> {
        self.list
    }
}
