//! Values that a build may use and no layer, key or argument holds.

use super::attributes::Attributes;
use camino::{Utf8Path, Utf8PathBuf};

/// A secret that buildx reads where it runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret {
    /// Its name in the Dockerfile.
    id: String,
    from: From,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum From {
    Variable(String),
    File(Utf8PathBuf),
}

impl Secret {
    /// The value of a variable, under the variable's name. List it only if it is set: buildx hands an empty value on.
    pub fn from_env(name: &str) -> Self {
        Self::from_variable(name, name)
    }

    /// The value of a variable, under another name.
    pub fn from_variable(id: &str, variable: &str) -> Self {
        Self { id: id.to_owned(), from: From::Variable(variable.to_owned()) }
    }

    /// What a file holds.
    pub fn from_file(id: &str, file: impl Into<Utf8PathBuf>) -> Self {
        Self { id: id.to_owned(), from: From::File(file.into()) }
    }

    /// The file that is read, if it is one.
    pub fn file(&self) -> Option<&Utf8Path> {
        match &self.from {
            From::Variable(_) => None,
            From::File(file) => Some(file),
        }
    }
}

impl serde::Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let attributes = Attributes::default().with("id", &self.id);
        let attributes = match &self.from {
            From::Variable(name) => attributes.with("env", name),
            From::File(file) => attributes.with("src", file.as_str()),
        };
        serializer.serialize_str(&attributes.finish())
    }
}
