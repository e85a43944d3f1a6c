//! Image repositories: where images and caches live when the user names no other place.

use crate::trust::Trust;

/// Image repositories.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all(deserialize = "kebab-case"), deny_unknown_fields)]
pub struct Registry {
    /// Holds what is shared between machines: layer caches, bases, finished images by key.
    pub cache: String,
    /// Where backend images are published; never empty.
    pub backends: Vec<String>,
    /// Where the root image is published; never empty.
    pub root: Vec<String>,
    /// Where images of pull requests go.
    pub pull_requests: String,
    /// Whose results in the cache are used; without it, whoever may write there is trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
}
