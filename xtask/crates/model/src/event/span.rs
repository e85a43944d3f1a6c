//! What an event is about, as two commits.

use crate::source::Commit;
use serde_json::Value;

/// The two commits that an event's payload is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// From one state of a branch to another.
    Between {
        /// What was there.
        before: Commit,
        /// What is there now.
        after: Commit,
    },
    /// A pull request: what it changes is counted from where it left its base.
    PullRequest {
        /// The tip of the branch that it is for.
        base: Commit,
        /// Its own tip.
        head: Commit,
    },
    /// No base that could be compared with.
    Whole {
        /// Why not.
        why: String,
    },
}

impl Span {
    /// Reads a payload, as GitHub writes it. What is not understood has no base.
    pub fn read(payload: &str) -> Self {
        match serde_json::from_str(payload) {
            Ok(value @ Value::Object(_)) => read(&value).unwrap_or_else(|why| Self::Whole { why }),
            Ok(_) => Self::Whole { why: "the event's payload is not a JSON object".to_owned() },
            Err(error) => Self::Whole { why: format!("the event's payload is not JSON: {error}") },
        }
    }
}

fn read(payload: &Value) -> Result<Span, String> {
    let has = |key: &str| payload.get(key).is_some_and(|value| !value.is_null());
    if has("pull_request") {
        let base = commit(payload, "/pull_request/base/sha")?;
        return Ok(Span::PullRequest { base, head: commit(payload, "/pull_request/head/sha")? });
    }
    if has("merge_group") {
        let before = commit(payload, "/merge_group/base_sha")?;
        return Ok(Span::Between { before, after: commit(payload, "/merge_group/head_sha")? });
    }
    if has("schedule") {
        return Err("a timer started the run: there is no change".to_owned());
    }
    let git_ref = payload.get("ref").and_then(Value::as_str);
    if let Some(tag) = git_ref.and_then(|name| name.strip_prefix("refs/tags/")) {
        return Err(format!("`{tag}` is a tag: all that it publishes is looked at"));
    }
    if !has("before") {
        return Err("the event tells no commit that came before".to_owned());
    }
    let before = commit(payload, "/before")?;
    let after = commit(payload, "/after")?;
    for (commit, why) in [
        (&before, "the branch is new: the event tells no commit that came before"),
        (&after, "the branch was deleted: the event tells no commit that came after"),
    ] {
        if commit.as_str().bytes().all(|byte| byte == b'0') {
            return Err(why.to_owned());
        }
    }
    Ok(Span::Between { before, after })
}

fn commit(payload: &Value, pointer: &str) -> Result<Commit, String> {
    let name = pointer.trim_start_matches('/').replace('/', ".");
    let text = payload.pointer(pointer).and_then(Value::as_str);
    let text = text.ok_or_else(|| format!("the event's payload has no `{name}`"))?;
    text.parse().map_err(|_| format!("`{name}` of the event's payload is no commit"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "0c1e57098bba43ac29e6e3b677cdceebdd22334f";
    const B: &str = "1111111111111111111111111111111111111111";

    fn why(payload: &str) -> String {
        match Span::read(payload) {
            Span::Whole { why } => why,
            span => panic!("{span:?}"),
        }
    }

    #[test]
    fn pushes_pull_requests_and_queues_have_two_commits() {
        let [a, b] = [A, B].map(|text| text.parse::<Commit>().unwrap());
        let push =
            format!(r#"{{"ref": "refs/heads/main", "before": "{A}", "after": "{B}", "forced": true}}"#);
        let between = Span::Between { before: a.clone(), after: b.clone() };
        assert_eq!(Span::read(&push), between);
        let queue = format!(r#"{{"merge_group": {{"base_sha": "{A}", "head_sha": "{B}"}}}}"#);
        assert_eq!(Span::read(&queue), between);
        let pull = format!(
            r#"{{"pull_request": {{"base": {{"sha": "{A}"}}, "head": {{"sha": "{B}"}}}}, "before": "{B}"}}"#
        );
        assert_eq!(Span::read(&pull), Span::PullRequest { base: a, head: b });
    }

    #[test]
    fn everything_else_has_no_base_and_says_why() {
        let zero = "0".repeat(40);
        let cases = [
            (r#"{"schedule": "0 6 * * 6", "ref": "refs/heads/main"}"#.to_owned(), "timer"),
            (r#"{"inputs": null, "ref": "refs/heads/main"}"#.to_owned(), "no commit that came before"),
            (format!(r#"{{"ref": "refs/tags/v1", "before": "{zero}", "after": "{A}"}}"#), "`v1` is a tag"),
            (format!(r#"{{"ref": "refs/heads/x", "before": "{zero}", "after": "{A}"}}"#), "is new"),
            (format!(r#"{{"ref": "refs/heads/x", "before": "{A}", "after": "{zero}"}}"#), "was deleted"),
            (
                r#"{"ref": "refs/heads/x", "before": "--upload-pack=x", "after": "y"}"#.to_owned(),
                "is no commit",
            ),
            (format!(r#"{{"before": "{A}"}}"#), "has no `after`"),
            (r#"{"pull_request": {"base": 7}}"#.to_owned(), "has no `pull_request.base.sha`"),
            ("[]".to_owned(), "not a JSON object"),
            ("{".to_owned(), "not JSON"),
            (String::new(), "not JSON"),
        ];
        for (payload, expected) in cases {
            assert!(why(&payload).contains(expected), "{payload}: {}", why(&payload));
        }
    }
}
