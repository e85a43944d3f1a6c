//! The text of one file of a new backend.

use super::files::File;
use super::lock;
use model::name::BackendName;

/// What stands for the name in templates, so that they are valid as they are.
const NAME: &str = "scaffold";
/// What stands for the description.
const DESCRIPTION: &str = "What it does";

/// What a template is filled with.
#[derive(Debug)]
pub struct Text<'a> {
    /// The backend's name.
    pub name: &'a BackendName,
    /// What it does, in one line.
    pub description: &'a str,
}

impl Text<'_> {
    /// The text of a file.
    pub fn of(&self, file: &File) -> String {
        let mut text = file.text.to_owned();
        for (old, new) in file.replaced {
            text = text.replace(old, new);
        }
        // The name before the description, which may hold anything.
        text = text.replace(NAME, self.name.as_str());
        text = text.replace(DESCRIPTION, &self.described(file.path));
        if file.path == "Cargo.lock" { lock::sorted(&text) } else { text }
    }

    /// The description as the kind of file wants it.
    fn described(&self, path: &str) -> String {
        let quoted = serde_json::Value::from(self.description).to_string();
        match path {
            "Cargo.toml" => quoted.trim_matches('"').to_owned(),
            "backend.yaml" if !is_plain(self.description) => quoted,
            _ => self.description.trim_end_matches('.').to_owned(),
        }
    }
}

/// Whether YAML reads the text as it stands, and as text.
fn is_plain(text: &str) -> bool {
    let mild = |c: char| c.is_alphanumeric() || " ,.()+/'-".contains(c);
    text.starts_with(char::is_alphabetic) && text.contains(' ') && text.chars().all(mild)
}
