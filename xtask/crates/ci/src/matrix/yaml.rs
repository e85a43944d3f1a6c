//! The data-only file: `include` for Linux and `includeDarwin`, as the reference writes them.

use super::row::Fields;
use std::fmt::Write;

const HEAD: &str = "---\n# Every image that is published. Made by `cargo xtask`; do not edit.\n";

/// The file of these rows. All values are text, and quoted: `2404` and `true` stay text for whoever reads them.
pub fn yaml<'a, L: Fields + 'a, D: Fields + 'a>(
    linux: impl IntoIterator<Item = &'a L>,
    darwin: impl IntoIterator<Item = &'a D>,
) -> String {
    let mut text = HEAD.to_owned();
    list(&mut text, "include", linux);
    list(&mut text, "includeDarwin", darwin);
    text
}

fn list<'a, R: Fields + 'a>(text: &mut String, name: &str, rows: impl IntoIterator<Item = &'a R>) {
    let before = text.len();
    for row in rows {
        for (index, (key, value)) in row.fields().into_iter().enumerate() {
            let lead = if index == 0 { "-" } else { " " };
            // Text cannot fail to be written.
            let _ = writeln!(text, "  {lead} {key}: {}", quoted(value));
        }
    }
    let head = if text.len() == before { format!("\n{name}: []\n") } else { format!("\n{name}:\n") };
    text.insert_str(before, &head);
}

/// A scalar that is text to every reader: in single quotes where that says all, else as JSON, which YAML reads as well.
pub fn quoted(value: &str) -> String {
    if value.chars().any(char::is_control) {
        let json = serde_json::Value::from(value).to_string();
        // JSON lets these stand as they are, YAML does not.
        let spelled = |c: char| match c {
            '\u{7f}'..='\u{9f}' => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        };
        json.chars().map(spelled).collect()
    } else {
        format!("'{}'", value.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    struct Any(Vec<(String, String)>);

    impl Fields for Any {
        fn fields(&self) -> Vec<(&str, &str)> {
            self.0.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
        }
    }

    fn any(fields: &[(&str, &str)]) -> Any {
        Any(fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn what_yaml_takes_for_something_else_stays_text() {
        let rows =
            [any(&[("a", ""), ("b", "2404"), ("c", "it's"), ("d", "x\ny\u{7f}\u{80}"), ("e", "true # no")])];
        let text = yaml(&rows, &rows[..0]);
        assert!(text.ends_with("\nincludeDarwin: []\n"), "{text}");
        let read: BTreeMap<String, Vec<BTreeMap<String, String>>> =
            model::manifest::parse(&text).ok().unwrap();
        let expected: BTreeMap<String, String> = rows[0].0.iter().cloned().collect();
        assert_eq!(read["include"], [expected]);
        assert!(read["includeDarwin"].is_empty());
    }
}
