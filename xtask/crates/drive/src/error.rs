//! Errors that end a command with a documented exit code, and how errors are told.

use ui::Shown;

/// An error with a documented exit code of its own.
#[derive(Debug, thiserror::Error)]
pub enum Coded {
    /// Wrong arguments or manifests.
    #[error("{0}")]
    Usage(String),
    /// Mistakes in manifests and the like, with their places.
    #[error("{}", .0.plain())]
    Wrong(Shown),
    /// Something must be installed first.
    #[error("{0}")]
    Missing(String),
}

/// An error with all that led to it. Each is said once: some libraries repeat their cause in their own text.
pub fn told(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |text, cause| match text.as_str() {
        "" => cause,
        text if text.contains(&cause) => text.to_owned(),
        text => format!("{text}: {cause}"),
    })
}
