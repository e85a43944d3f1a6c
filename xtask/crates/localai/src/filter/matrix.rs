//! A matrix file: two lists of entries.

use super::kind::Os;
use camino::Utf8Path;
use matrixfile::{Entry, Fault, Value};
use model::manifest::{Diagnostic, Spot};

/// The entries of a matrix file, in their order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matrix<'a> {
    /// `include`.
    pub linux: Vec<Entry<'a>>,
    /// `includeDarwin`.
    pub darwin: Vec<Entry<'a>>,
    /// Whatever else there is, of which nothing is made.
    pub others: Vec<Other>,
}

/// Something beside the two lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// What it is called.
    pub name: String,
    /// How many entries it has.
    pub entries: usize,
}

impl<'a> Matrix<'a> {
    /// Reads the file that decides what is built: whatever is wrong with it is an error.
    pub fn read(path: &Utf8Path, text: &'a str) -> Result<Self, Box<Diagnostic>> {
        strict(text).map_err(|fault| Box::new(diagnostic(path, text, fault)))
    }

    /// Reads an earlier revision, of which nothing is expected: none if no entries can be made out.
    pub fn read_previous(text: &'a str) -> Option<Self> {
        let Ok(Some(root)) = matrixfile::read(text) else { return None };
        let Value::Map(mut root) = root else { return root.is_truthy().then(Self::default) };
        let mut list = |field: &str| match root.take(field).filter(Value::is_truthy) {
            None => Some(Vec::new()),
            Some(Value::List(values)) => values.into_iter().map(entry).collect(),
            Some(_) => None,
        };
        Some(Self { linux: list("include")?, darwin: list("includeDarwin")?, others: Vec::new() })
    }

    /// What is wrong with a file of `path` and `text` that has something beside the lists that are known.
    pub fn unknown(&self, path: &Utf8Path, text: &str) -> Option<Box<Diagnostic>> {
        let Other { name, entries } = self.others.first()?;
        let bare = |line: &str| line.trim_start_matches(['"', '\'', ' ']).starts_with(name.as_str());
        let line = text.lines().position(bare).map_or(1, |at| at + 1);
        let message =
            format!("the list `{name}` is not known: nothing would be built of its {entries} entries");
        let mut found = diagnostic(path, text, Fault { message, line, column: 1 });
        found.help = Some(
            "only `include` and `includeDarwin` are known; take it out, or teach xtask what it means"
                .to_owned(),
        );
        Some(Box::new(found))
    }

    /// The entries of one list.
    pub fn of(&self, os: Os) -> &[Entry<'a>] {
        match os {
            Os::Linux => &self.linux,
            Os::Darwin => &self.darwin,
        }
    }
}

fn entry(value: Value<'_>) -> Option<Entry<'_>> {
    match value {
        Value::Map(entry) => Some(entry),
        _ => None,
    }
}

fn strict(text: &str) -> Result<Matrix<'_>, Fault> {
    let fault = |line: usize, message: String| Fault { message, line: line.max(1), column: 1 };
    let Some(Value::Map(mut root)) = matrixfile::read(text)? else {
        let message = "a matrix is a mapping with the lists `include` and `includeDarwin`";
        return Err(fault(1, message.to_owned()));
    };
    let line = root.line();
    let mut list = |field: &str| -> Result<Vec<Entry<'_>>, Fault> {
        let Some(Value::List(values)) = root.take(field) else {
            return Err(fault(line, format!("`{field}` must be there, and be a list")));
        };
        let mut entries: Vec<Entry<'_>> = Vec::with_capacity(values.len());
        for (index, value) in values.into_iter().enumerate() {
            let last = entries.last().map_or(line, Entry::line);
            let message = || format!("element {} of `{field}` must be a mapping", index + 1);
            entries.push(entry(value).ok_or_else(|| fault(last, message()))?);
        }
        Ok(entries)
    };
    let (linux, darwin) = (list("include")?, list("includeDarwin")?);
    let other = |(name, value): (&str, &Value<'_>)| {
        let entries = if let Value::List(values) = value { values.len() } else { 0 };
        Other { name: name.to_owned(), entries }
    };
    let others = root.fields().map(other).collect();
    let matrix = Matrix { linux, darwin, others };
    for entry in &matrix.linux {
        if !matches!(entry.get("dockerfile"), Some(Value::String(_))) {
            return Err(fault(
                entry.line(),
                "this entry has no `dockerfile`, or one that is no text".to_owned(),
            ));
        }
    }
    Ok(matrix)
}

fn diagnostic(path: &Utf8Path, text: &str, fault: Fault) -> Diagnostic {
    let spot = Spot { line: fault.line, column: fault.column, length: 1 };
    let help = "mend the matrix; nothing was written".to_owned();
    Diagnostic::at(path, text, spot, fault.message, Some(help))
}
