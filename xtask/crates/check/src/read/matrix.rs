//! Rows of a matrix, ours or one in the reference's format.

use camino::{Utf8Path, Utf8PathBuf};
use model::manifest::{Id, Kind, Spot, Tree};
use std::collections::BTreeMap;

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its text.
    pub text: String,
    /// It is a string, to YAML.
    pub string: bool,
    /// Where it stands.
    pub spot: Spot,
}

/// One job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// It is for macOS.
    pub darwin: bool,
    /// The file that it stands in or was made from.
    pub file: Utf8PathBuf,
    /// Where it begins.
    pub spot: Spot,
    /// Its values by name.
    pub fields: BTreeMap<String, Field>,
}

impl Row {
    /// The text of a value; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).map(|field| field.text.as_str()).unwrap_or_default()
    }

    /// Where a value stands, or else the row.
    pub fn place(&self, name: &str) -> Spot {
        self.fields.get(name).map_or(self.spot, |field| field.spot)
    }
}

/// All rows of one matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The rows in their order.
    pub rows: Vec<Row>,
}

impl Table {
    /// Reads the reference's format: lists `include` and `includeDarwin` of flat mappings.
    pub fn read(file: &Utf8Path, text: &str) -> Result<Self, String> {
        let tree = Tree::parse(text).ok_or_else(|| format!("{file} is not YAML that can be read"))?;
        let Some(Kind::Map(lists)) = tree.nodes.first().map(|root| &root.kind) else {
            return Err(format!("{file}: expected the lists `include` and `includeDarwin`"));
        };
        let (mut rows, mut unknown) = (Vec::new(), None);
        for &(key, list) in lists {
            let darwin = match tree.text(key) {
                Some("include") => false,
                Some("includeDarwin") => true,
                other => {
                    let at = tree.nodes[key].spot;
                    let (name, line, column) = (other.unwrap_or_default(), at.line, at.column);
                    unknown.get_or_insert_with(|| {
                        format!("{file}:{line}:{column}: the list `{name}` is not known: nothing is made of its rows")
                    });
                    continue;
                }
            };
            let Kind::Seq(items) = &tree.nodes[list].kind else {
                let at = tree.nodes[key].spot;
                return Err(format!("{file}:{}:{}: expected a list of rows", at.line, at.column));
            };
            rows.extend(items.iter().map(|&item| row(&tree, file, darwin, item)));
        }
        if rows.is_empty() {
            return Err(format!("{file} has no rows: expected the lists `include` and `includeDarwin`"));
        }
        unknown.map_or(Ok(Self { rows }), Err)
    }
}

fn row(tree: &Tree, file: &Utf8Path, darwin: bool, item: Id) -> Row {
    let node = &tree.nodes[item];
    let mut fields = BTreeMap::new();
    if let Kind::Map(pairs) = &node.kind {
        for &(key, value) in pairs {
            let (text, string) = match &tree.nodes[value].kind {
                Kind::Scalar { text, plain } => (text.clone(), !*plain || !means_more(text)),
                Kind::Map(_) | Kind::Seq(_) | Kind::Alias(_) => (String::new(), false),
            };
            let name = tree.text(key).unwrap_or_default().to_owned();
            fields.insert(name, Field { text, string, spot: tree.spot(Some(key), value) });
        }
    }
    Row { darwin, file: file.to_owned(), spot: node.spot, fields }
}

/// Whether YAML takes a text without quotes for something other than a string.
fn means_more(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if matches!(lower.as_str(), "" | "~" | "null" | "true" | "false" | ".nan") {
        return true;
    }
    let digits = lower.trim_start_matches(['+', '-']).replace('_', "");
    let based = |prefix: &str| digits.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty());
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let date = {
        let parts: Vec<&str> = text.split('-').collect();
        parts.len() == 3 && parts[0].len() == 4 && parts.iter().all(|part| part.parse::<u16>().is_ok())
    };
    digits == ".inf"
        || (numeric && digits.parse::<f64>().is_ok())
        || ["0x", "0o", "0b"].into_iter().any(based)
        || date
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_make_strings_of_numbers() {
        let text = "include:\n  - {a: 12, b: \"12\", c: x, d: true, e: '', f: , g: 1.5, h: 2026-01-02, i: v1, j: [x]}\n";
        let table = Table::read("m.yml".into(), text).unwrap();
        let strings: String = table.rows[0]
            .fields
            .iter()
            .filter(|(_, field)| field.string)
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(strings, "bcei");
        assert_eq!(table.rows[0].place("a"), Spot { line: 2, column: 9, length: 2 });
    }

    #[test]
    fn what_is_no_matrix_is_refused() {
        for text in ["", "a: 1", "include: x", "include: []", "- a", "{"] {
            assert!(Table::read("m.yml".into(), text).is_err(), "{text}");
        }
    }
}
