//! The payload of a GitHub event, read for one question: which files could have changed.

use serde_json::Value;

/// Whose API is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The login of its owner.
    pub owner: String,
    /// Its name.
    pub name: String,
}

/// Where the changed files are to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Those of a pull request.
    Pull {
        /// Its number.
        number: Option<u64>,
        /// The commit that it is compared with.
        base: Option<String>,
    },
    /// Those between two commits of a branch.
    Push {
        /// The commit before.
        before: String,
        /// The commit after.
        after: String,
    },
    /// Nowhere: everything is built.
    Everything {
        /// Why.
        why: String,
    },
}

/// What an event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Where the changed files are to be found.
    pub scope: Scope,
    /// The repository, if the payload names it.
    pub repository: Option<Repository>,
    /// What is wrong with the payload.
    pub warning: Option<String>,
}

impl Event {
    /// Reads a payload. `force_all` is what `FORCE_ALL` says; pull requests do not listen to it. A payload that cannot be
    /// read means everything.
    pub fn read(payload: &[u8], force_all: bool) -> Self {
        let payload = payload.strip_prefix(b"\xef\xbb\xbf").unwrap_or(payload);
        match serde_json::from_slice::<Value>(payload) {
            Ok(event @ Value::Object(_)) => {
                Self { scope: scope(&event, force_all), repository: repository(&event), warning: None }
            }
            Ok(_) => Self::unknown("the event's payload is not a JSON object".to_owned()),
            Err(error) => Self::unknown(format!("the event's payload is not JSON: {error}")),
        }
    }

    /// An event of which nothing is known, and why.
    pub fn unknown(warning: String) -> Self {
        let why = "the event cannot be read".to_owned();
        Self { scope: Scope::Everything { why }, repository: None, warning: Some(warning) }
    }

    /// The commit whose files are the previous ones.
    pub fn base(&self) -> Option<&str> {
        let base = match &self.scope {
            Scope::Pull { base, .. } => base.as_deref()?,
            Scope::Push { before, .. } => before,
            Scope::Everything { .. } => return None,
        };
        Some(base).filter(|base| !is_nothing(base))
    }
}

/// Whether a commit is the one that stands for none.
fn is_nothing(commit: &str) -> bool {
    commit.bytes().all(|b| b == b'0')
}

/// What JavaScript takes for false.
fn truthy(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        _ => true,
    })
}

fn scope(event: &Value, force_all: bool) -> Scope {
    let everything = |why: &str| Scope::Everything { why: why.to_owned() };
    if let Some(pull) = truthy(event.get("pull_request")) {
        let base = pull.pointer("/base/sha").and_then(Value::as_str).map(str::to_owned);
        return Scope::Pull { number: pull.get("number").and_then(Value::as_u64), base };
    }
    let Some(git_ref) = truthy(event.get("ref")) else {
        return everything("the event names no branch");
    };
    if git_ref.as_str().is_some_and(|name| name.starts_with("refs/tags/")) {
        return everything("a tag was pushed");
    }
    if force_all {
        return everything("FORCE_ALL is set");
    }
    let commit = |field| truthy(event.get(field)).and_then(Value::as_str).map(str::to_owned);
    match (commit("before"), commit("after")) {
        (Some(before), Some(_)) if is_nothing(&before) => everything("this is the first push of the branch"),
        (Some(before), Some(after)) => Scope::Push { before, after },
        _ => everything("the event does not say what was there before"),
    }
}

fn repository(event: &Value) -> Option<Repository> {
    let text = |pointer| event.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    Some(Repository { owner: text("/repository/owner/login")?, name: text("/repository/name")? })
}
