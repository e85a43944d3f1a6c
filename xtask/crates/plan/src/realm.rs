//! Where the steps of a unit run.

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Realm {
    /// On the host itself.
    Native,
    /// Through BuildKit.
    Container(Builder),
}
