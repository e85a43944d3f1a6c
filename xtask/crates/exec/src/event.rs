//! Captures what tells the CI event, once, as planning sees it.

use model::event::Captured;

/// Where the source is, as a URL; none outside of GitHub Actions.
pub fn source() -> Option<String> {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Some(format!("{}/{}", var("GITHUB_SERVER_URL")?.trim_end_matches('/'), var("GITHUB_REPOSITORY")?))
}

/// The workflow that runs, as a URL with its reference; none outside of GitHub Actions.
pub fn workflow() -> Option<String> {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Some(format!("{}/{}", var("GITHUB_SERVER_URL")?.trim_end_matches('/'), var("GITHUB_WORKFLOW_REF")?))
}

/// Whether the workflow that runs can show who it is.
pub fn has_identity() -> bool {
    std::env::var_os("ACTIONS_ID_TOKEN_REQUEST_URL").is_some_and(|value| !value.is_empty())
}

/// The environment as it is now, with the text of the event's payload.
pub fn capture() -> Captured {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Captured {
        actions: var("GITHUB_ACTIONS").is_some_and(|value| value != "false"),
        name: var("GITHUB_EVENT_NAME"),
        git_ref: var("GITHUB_REF"),
        protected: var("GITHUB_REF_PROTECTED").is_some_and(|value| value == "true"),
        commit: var("GITHUB_SHA"),
        repository: var("GITHUB_REPOSITORY"),
        run: var("GITHUB_RUN_ID"),
        payload: var("GITHUB_EVENT_PATH")
            .map(|path| fs_err::read_to_string(path).map_err(|error| error.to_string())),
    }
}
