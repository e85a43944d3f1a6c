//! Where the steps of a unit run.

use crate::container::Container;

/// Where the steps of a unit run.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Realm {
    /// On the host itself.
    Native,
    /// Through BuildKit, from this.
    Container(Box<Container>),
}

impl Realm {
    /// The name for people and in key documents.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Container(_) => "container",
        }
    }

    /// What a container unit starts from.
    pub fn container(&self) -> Option<&Container> {
        match self {
            Self::Native => None,
            Self::Container(container) => Some(container),
        }
    }
}
