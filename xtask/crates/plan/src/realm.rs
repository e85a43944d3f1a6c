//! Where the steps of a unit run.

use crate::container::Container;

/// What a container unit starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Builder {
    /// A builder base image that already holds the dependencies.
    Prebuilt,
    /// The bare base image; the dependencies are installed first.
    FromSource,
}

/// Where the steps of a unit run.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Realm {
    /// On the host itself.
    Native,
    /// Through BuildKit, from this.
    Container(Box<Container>),
}

impl Builder {
    /// The name in options and for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prebuilt => "prebuilt",
            Self::FromSource => "fromsource",
        }
    }

    /// The stage of the family's Dockerfile that makes it.
    pub fn stage(self) -> &'static str {
        match self {
            Self::Prebuilt => "builder-prebuilt",
            Self::FromSource => "builder-fromsource",
        }
    }
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
