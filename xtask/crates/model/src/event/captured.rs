//! What is captured of the environment to know the event; nothing else of it is looked at.

/// Variables of GitHub Actions, and the text of the event's payload. Variables that are empty count as unset.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Captured {
    /// `GITHUB_ACTIONS` is set.
    pub actions: bool,
    /// `GITHUB_EVENT_NAME`.
    pub name: Option<String>,
    /// `GITHUB_REF`.
    pub git_ref: Option<String>,
    /// `GITHUB_REF_PROTECTED` is `true`: rules of the repository say who may move that branch or tag.
    pub protected: bool,
    /// `GITHUB_SHA`.
    pub commit: Option<String>,
    /// `GITHUB_REPOSITORY`.
    pub repository: Option<String>,
    /// `GITHUB_RUN_ID`.
    pub run: Option<String>,
    /// The file at `GITHUB_EVENT_PATH`: none if the variable is unset, what is wrong if the file cannot be read.
    pub payload: Option<Result<String, String>>,
}
