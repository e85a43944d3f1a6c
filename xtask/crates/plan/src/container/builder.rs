//! The two ways by which a builder is come by.

/// What a container unit starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Builder {
    /// A builder base image that already holds the dependencies.
    Prebuilt,
    /// The bare base image; the dependencies are installed first.
    FromSource,
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
