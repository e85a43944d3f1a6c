//! Values that a build may use and no layer, key or argument holds.

use super::attributes::Attributes;

/// A secret that buildx reads from its own environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret {
    /// Its name in the Dockerfile.
    id: String,
    /// The variable that holds it.
    env: String,
}

impl Secret {
    /// The value of a variable, under the variable's name. List it only if it is set: buildx hands an empty value on.
    pub fn from_env(name: &str) -> Self {
        Self { id: name.to_owned(), env: name.to_owned() }
    }
}

impl serde::Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Attributes::default().with("id", &self.id).with("env", &self.env).finish())
    }
}
