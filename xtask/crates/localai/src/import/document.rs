//! The matrix as it is kept by hand: `include` for Linux and `includeDarwin`.

use super::source::Source;
use camino::Utf8Path;
use model::image_names::TagSuffix;
use model::manifest::Diagnostic;
use model::name::BackendName;
use std::collections::BTreeMap;

/// Which of the two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum List {
    /// `include`.
    Linux,
    /// `includeDarwin`.
    Darwin,
}

impl List {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Linux, Self::Darwin];

    /// The key in a matrix.
    pub fn key(self) -> &'static str {
        match self {
            Self::Linux => "include",
            Self::Darwin => "includeDarwin",
        }
    }
}

/// One row as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The list that it stands in.
    pub list: List,
    /// The backend.
    pub backend: BackendName,
    /// All fields, in their order.
    pub fields: Vec<(String, String)>,
    /// Where it begins, one-based.
    pub line: usize,
}

impl Row {
    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// What an image is known by in the registry.
    fn identity(&self) -> (List, &str, &str) {
        let field = |name| self.get(name).unwrap_or_default();
        (self.list, field("tag-suffix"), field("platform-tag"))
    }
}

impl ci::matrix::Fields for Row {
    fn fields(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
    }
}

/// Reads a matrix: all rows, those for Linux first.
pub fn rows(file: &Utf8Path, text: &str) -> Result<Vec<Row>, Vec<Diagnostic>> {
    let mut source = Source::parse(file, text)?;
    let mut rows: Vec<Row> = Vec::new();
    let mut lines: BTreeMap<(List, String, String), usize> = BTreeMap::new();
    let lists = source.known(0, List::ALL.map(List::key));
    for (list, id) in List::ALL.into_iter().zip(lists) {
        let Some(id) = id.filter(|id| !source.is_null(*id)) else { continue };
        for item in source.list(id) {
            let Some(row) = row(&mut source, list, item) else { continue };
            let (_, suffix, tag) = row.identity();
            let known = (list, suffix.to_owned(), tag.to_owned());
            if let Some(line) = lines.get(&known) {
                let message = format!("a second row with tag-suffix `{suffix}` and platform-tag `{tag}`");
                let help = format!("line {line} has the first: their images would overwrite each other");
                source.wrong(item, message, help);
            }
            lines.insert(known, row.line);
            rows.push(row);
        }
    }
    source.finish(rows)
}

fn row(source: &mut Source<'_>, list: List, id: usize) -> Option<Row> {
    let mut fields = Vec::new();
    let mut places = Vec::new();
    let mut complete = true;
    let entries = source.map(id);
    complete &= !entries.is_empty();
    for (name, _, value) in entries {
        match source.text(value) {
            Some(text) => {
                fields.push((name, text));
                places.push(value);
            }
            None => complete = false,
        }
    }
    if !complete {
        return None;
    }
    let line = source.line(id);
    let place = |name: &str| fields.iter().position(|(key, _)| key == name).map(|index| places[index]);
    let needed: &[&str] = match list {
        List::Linux => &["backend", "tag-suffix", "platforms"],
        List::Darwin => &["backend", "tag-suffix"],
    };
    if let Some(missing) = needed.iter().find(|name| place(name).is_none()) {
        source.wrong(id, format!("a row without `{missing}`"), "nothing tells which image it is".to_owned());
        return None;
    }
    let value = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let backend = source.name::<BackendName>(place("backend")?, &value("backend")?);
    source.name::<TagSuffix>(place("tag-suffix")?, &value("tag-suffix")?)?;
    Some(Row { list, backend: backend?, fields, line })
}
