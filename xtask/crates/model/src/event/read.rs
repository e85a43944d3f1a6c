//! From captured values to an event.

use super::{Captured, Event, GitRef, Head, Trigger};
use serde_json::Value;

pub(super) fn read(captured: &Captured) -> Event {
    let payload = payload(captured);
    let trigger = match &payload {
        Ok(payload) => {
            trigger(captured, payload.as_ref()).unwrap_or_else(|reason| Trigger::Unknown { reason })
        }
        Err(reason) => Trigger::Unknown { reason: reason.clone() },
    };
    let default_branch = payload
        .ok()
        .flatten()
        .and_then(|payload| Some(payload.pointer("/repository/default_branch")?.as_str()?.to_owned()));
    Event {
        trigger,
        commit: captured.commit.as_deref().and_then(|commit| commit.parse().ok()),
        default_branch,
        protected: captured.protected,
        run: captured.run.as_deref().and_then(|run| run.parse().ok()),
    }
}

/// The payload as JSON; none when there is none.
fn payload(captured: &Captured) -> Result<Option<Value>, String> {
    let Some(text) = &captured.payload else { return Ok(None) };
    let text = text.as_ref().map_err(|error| format!("the event's payload cannot be read: {error}"))?;
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => Ok(Some(value)),
        Ok(_) => Err("the event's payload is not a JSON object".to_owned()),
        Err(error) => Err(format!("the event's payload is not JSON: {error}")),
    }
}

fn trigger(captured: &Captured, payload: Option<&Value>) -> Result<Trigger, String> {
    let Some(name) = captured.name.as_deref() else {
        return if captured.actions {
            Err("GITHUB_ACTIONS is set and GITHUB_EVENT_NAME is not".to_owned())
        } else {
            Ok(Trigger::Local)
        };
    };
    let about_a_pull_request = payload.is_some_and(|payload| payload.get("pull_request").is_some());
    if about_a_pull_request && name != "pull_request" {
        return Err(format!("`{name}` with the payload of a pull request"));
    }
    match name {
        "push" => Ok(Trigger::Push(git_ref(captured)?)),
        "schedule" => Ok(Trigger::Schedule(git_ref(captured)?)),
        "workflow_dispatch" => Ok(Trigger::Dispatch(git_ref(captured)?)),
        "pull_request" => Ok(pull_request(captured, payload)),
        "merge_group" => Ok(Trigger::MergeGroup),
        other => Err(format!("no rule is about `{other}`")),
    }
}

fn git_ref(captured: &Captured) -> Result<GitRef, String> {
    let text = captured.git_ref.as_deref().unwrap_or_default();
    let named = |prefix| text.strip_prefix(prefix).filter(|name| !name.is_empty()).map(str::to_owned);
    named("refs/heads/")
        .map(GitRef::Branch)
        .or_else(|| named("refs/tags/").map(GitRef::Tag))
        .ok_or_else(|| format!("GITHUB_REF is `{text}`, which is neither a branch nor a tag"))
}

fn pull_request(captured: &Captured, payload: Option<&Value>) -> Trigger {
    let text = |pointer| payload.and_then(|payload| payload.pointer(pointer)).and_then(Value::as_str);
    let number = payload.and_then(|payload| payload.pointer("/pull_request/number")).and_then(Value::as_u64);
    // The head's repository is null once the fork is deleted.
    let head = match (text("/pull_request/head/repo/full_name"), captured.repository.as_deref()) {
        (Some(head), Some(own)) if head.eq_ignore_ascii_case(own) => Head::Same,
        _ => Head::Fork,
    };
    Trigger::PullRequest { number, head }
}
