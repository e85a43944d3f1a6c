//! GitHub's API, asked in the order in which the filter before asked it.

use super::files::variable;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use localai::filter::{Changed, Event, Misread, Repository, Scope};
use serde_json::Value;
use std::time::Duration;
use transfer::{
    Authorization, Backoff, Method, Patience, Redirects, Request, Secret, TransferError, Url, encode, send,
};

/// An API, and about which repository it is asked.
#[derive(Debug)]
pub(super) struct Api {
    base: String,
    token: Option<Secret>,
    repository: Option<Repository>,
    offline: bool,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    /// The user forbids it.
    #[error("--offline forbids to ask {0}; give --changed-files")]
    Offline(String),
    /// The event does not say where to ask.
    #[error("the event names no {0}, so that GitHub cannot be asked what changed")]
    Unnamed(&'static str),
    /// No answer.
    #[error("cannot ask {url}: {error}")]
    Silent { url: String, error: TransferError },
    /// A refusal.
    #[error("no usable answer from {url}: {why}")]
    Refused { url: String, why: String },
    /// An answer that is something else.
    #[error("the answer from {url} cannot be read: {error}")]
    Misread { url: String, error: Misread },
    /// More than GitHub tells.
    #[error("the pull request changes {0} files or more, and GitHub tells no more of them")]
    Untold(usize),
}

const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(10),
    idle: Duration::from_secs(30),
    whole: Some(Duration::from_mins(1)),
    total: Duration::from_mins(1),
    backoff: Backoff::ONCE,
};
/// Bytes of the largest answer.
const MAX_BYTES: u64 = 64 << 20;

/// Rows of a page.
const PAGE: usize = 100;
/// GitHub lists so many files of a pull request and leaves out the rest.
const LISTED: usize = 3000;

impl Api {
    /// The API that the environment names.
    pub fn new(event: &Event, offline: bool) -> Self {
        let base = variable("GITHUB_API_URL").unwrap_or_else(|| "https://api.github.com".to_owned());
        Self {
            base: base.trim_end_matches('/').to_owned(),
            token: variable("GITHUB_TOKEN").map(Secret::new),
            repository: event.repository.clone(),
            offline,
        }
    }

    /// The files that an event changes.
    pub fn changed(&self, event: &Event) -> Result<Changed, ApiError> {
        match &event.scope {
            Scope::Pull { number, .. } => self.pull(number.ok_or(ApiError::Unnamed("pull request"))?),
            Scope::Push { before, after } => {
                let url = self.url(&format!("compare/{}...{}", encode(before), encode(after)))?;
                let answer = self.json(&url)?;
                let files = answer.get("files").unwrap_or(&Value::Null);
                Changed::of(files).map_err(|error| ApiError::Misread { url, error })
            }
            Scope::Everything { .. } => Err(ApiError::Unnamed("change")),
        }
    }

    fn pull(&self, number: u64) -> Result<Changed, ApiError> {
        let mut changed = Changed::default();
        for page in 1.. {
            let url = self.url(&format!("pulls/{number}/files?per_page={PAGE}&page={page}"))?;
            let rows = Changed::of(&self.json(&url)?).map_err(|error| ApiError::Misread { url, error })?;
            let count = rows.len();
            changed.extend(rows);
            if changed.len() >= LISTED {
                return Err(ApiError::Untold(LISTED));
            }
            if count < PAGE {
                break;
            }
        }
        Ok(changed)
    }

    /// A file as it was at a commit.
    pub fn contents(&self, path: &str, commit: &str) -> Result<String, ApiError> {
        let path: Vec<String> = path.split('/').map(encode).collect();
        let url = self.url(&format!("contents/{}?ref={}", path.join("/"), encode(commit)))?;
        let (body, json) = self.get(&url, "application/vnd.github.raw+json")?;
        let refused = |why: &str| ApiError::Refused { url: url.clone(), why: why.to_owned() };
        let bytes = if json {
            // A proxy may leave out the media type; then the answer is the description of a file.
            let answer: Value = serde_json::from_slice(&body).map_err(|error| refused(&error.to_string()))?;
            let content = answer.get("content").and_then(Value::as_str);
            let text: String = content.unwrap_or("!").split_whitespace().collect();
            STANDARD.decode(&text).map_err(|_| refused("its content is not base64"))?
        } else {
            body
        };
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn url(&self, rest: &str) -> Result<String, ApiError> {
        let Repository { owner, name } = self.repository.as_ref().ok_or(ApiError::Unnamed("repository"))?;
        Ok(format!("{}/repos/{}/{}/{rest}", self.base, encode(owner), encode(name)))
    }

    fn json(&self, url: &str) -> Result<Value, ApiError> {
        let (body, _) = self.get(url, "application/vnd.github+json")?;
        serde_json::from_slice(&body)
            .map_err(|error| ApiError::Refused { url: url.to_owned(), why: format!("not JSON: {error}") })
    }

    /// The body of an answer, and whether it says that it is JSON.
    fn get(&self, url: &str, accept: &str) -> Result<(Vec<u8>, bool), ApiError> {
        if self.offline {
            return Err(ApiError::Offline(self.base.clone()));
        }
        let silent = |error| ApiError::Silent { url: url.to_owned(), error };
        let base = Url::parse(&self.base).map_err(silent)?;
        let credentials =
            self.token.as_ref().map(|token| Authorization::new(base.origin(), Secret::bearer(token)));
        let credentials = credentials.transpose().map_err(silent)?;
        let request = Request {
            headers: vec![("accept", accept), ("x-github-api-version", "2022-11-28")],
            credentials: credentials.as_ref(),
            redirects: Redirects::Anywhere,
            ..Request::new(Method::Get, url, PATIENCE, MAX_BYTES)
        };
        let answer = send(&request, &mut || {}).map_err(silent)?;
        let url = || url.to_owned();
        if !(200..300).contains(&answer.status) {
            let why = format!("the server answered {}", answer.status);
            return Err(ApiError::Refused { url: url(), why });
        }
        let json = answer.headers.get("content-type").is_some_and(|kind| kind.contains("application/json"));
        Ok((answer.body, json))
    }
}
