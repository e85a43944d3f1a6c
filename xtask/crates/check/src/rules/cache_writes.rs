//! Rule: nothing that a pull request runs writes a cache that other runs read.

use super::flows::{self, code};
use crate::read::workflow::{Flow, Item, in_pull_request};
use crate::{Found, Repository, Rule};
use model::event::{CachePolicy, Decision, Event, GitRef, Head, Trigger, decide};
use model::manifest::Spot;
use serde_json::Value;

pub(super) const RULE: Rule = Rule {
    name: "cache-writes",
    meaning: "caches are written outside of pull requests only: by the policy, in bake files and in workflows",
    source: "cache pipeline 3",
    run,
};

/// Where the policy is.
const POLICY: &str = "xtask/crates/model/src/event/policy.rs";
/// The condition that a step which writes must have.
const CONDITION: &str = "github.event_name != 'pull_request'";
/// What makes BuildKit write a cache.
const TO: &str = "cache-to";

fn run(repository: &Repository<'_>, found: &mut Found) {
    for message in wrong_decisions(decide) {
        let help = "see docs/ci.md, \"Who may write\", and mend `decide`";
        found.add(POLICY.into(), repository.word(POLICY.into(), "pub fn decide"), message, help);
    }
    for rendered in repository.rendered() {
        if writes(&rendered.reading) {
            let way: Vec<&str> = rendered.way.iter().map(String::as_str).collect();
            let message =
                format!("the bake file of {} writes a cache where the policy forbids it", rendered.name);
            let help = "look for what ignores `CachePolicy::write` in xtask/crates/plan/src/lower";
            found.add(&rendered.file, repository.key(&rendered.file, &way), message, help);
        }
    }
    flows::each(repository, found, |file, flow, items, found| {
        for item in items {
            if let Some((spot, message, help)) = problem(flow, item) {
                found.add(file, spot, message, help);
            }
        }
    });
}

fn problem(flow: &Flow<'_>, item: &Item<'_>) -> Option<(Spot, String, String)> {
    let text = item.text?;
    let uses = |action: &str| item.name() == "uses" && text.to_ascii_lowercase().starts_with(action);
    if uses("actions/cache@") {
        let message = "actions/cache writes in pull requests as well".to_owned();
        let help = format!("use actions/cache/restore, and actions/cache/save with `if: {CONDITION}`");
        return Some((item.spot, message, help));
    }
    if flow.is_gated(item) {
        return None;
    }
    if uses("actions/cache/save@") {
        let message = format!("a cache is saved without `if: {CONDITION}`");
        return Some((item.spot, message, "add the condition to the step, so that it must hold".to_owned()));
    }
    let spot = if item.name() == TO {
        let nothing = |text: String| ["", "false", "null"].contains(&text.trim());
        (!in_pull_request(text).is_some_and(nothing)).then_some(item.key)
    } else {
        let writes = |text: &str| text.contains(TO);
        let there = || in_pull_request(text).is_none_or(|text| writes(&code(&text)));
        (writes(&code(text)) && there()).then(|| flow.word(item, TO))
    };
    let help = "let `cargo xtask build-backend` write caches: it asks the policy".to_owned();
    Some((spot?, format!("`{TO}` without `{CONDITION}`"), help))
}

/// Whether a target writes layers, or carries a compiler cache to the registry.
fn writes(targets: &Value) -> bool {
    let Some(targets) = targets.as_object() else { return false };
    targets.values().any(|target| {
        let outputs = target["output"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let carries = |output: &str| output.contains("push=true") && !output.contains("push-by-digest=true");
        !target["cache-to"].is_null() || outputs.into_iter().any(carries)
    })
}

/// What a policy decides wrongly.
fn wrong_decisions(decide: impl Fn(&Event, bool) -> Decision) -> Vec<String> {
    let branch = || GitRef::Branch("master".to_owned());
    let request = |head| Trigger::PullRequest { number: Some(1), head };
    let topic = || GitRef::Branch("topic".to_owned());
    let tag = || GitRef::Tag("v1".to_owned());
    let cases = [
        (Trigger::Push(branch()), false, true, true),
        (Trigger::Push(tag()), true, true, true),
        (Trigger::Push(tag()), false, false, false),
        (Trigger::Push(topic()), true, false, false),
        (Trigger::Schedule(branch()), false, true, true),
        (Trigger::Dispatch(branch()), false, true, true),
        (Trigger::Dispatch(topic()), true, false, false),
        (Trigger::Local, false, false, true),
        (request(Head::Same), true, false, false),
        (request(Head::Fork), true, false, false),
        (Trigger::MergeGroup, true, false, false),
        (Trigger::Unknown { reason: "test".to_owned() }, true, false, false),
    ];
    let mut wrong = Vec::new();
    for (trigger, protected, without_push, with_push) in cases {
        for (push, write) in [(false, without_push), (true, with_push)] {
            let default_branch = Some("master".to_owned());
            let event =
                Event { trigger: trigger.clone(), commit: None, default_branch, protected, run: None };
            let CachePolicy { read, write: may } = decide(&event, push).cache;
            if !read || may != write {
                let (is, expected) = if may { ("", "not be") } else { ("not ", "be") };
                let option = if push { " with --push" } else { "" };
                wrong.push(format!(
                    "on a {trigger}{option} caches are {is}written, expected them to {expected}"
                ));
            }
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The policy is a function: no data breaks it.
    #[test]
    fn a_policy_that_lets_pull_requests_write_is_found() {
        assert!(wrong_decisions(decide).is_empty());
        let always = |event: &Event, _: bool| Decision {
            cache: CachePolicy { read: true, write: true },
            ..decide(event, true)
        };
        let wrong = wrong_decisions(always);
        assert!(wrong.iter().any(|text| text.contains("pull request 1 from a fork")), "{wrong:?}");
        assert_eq!(wrong.len(), 15, "{wrong:?}");
        let never = |event: &Event, _: bool| Decision {
            cache: CachePolicy { read: true, write: false },
            ..decide(event, true)
        };
        assert_eq!(wrong_decisions(never).len(), 9);
    }

    /// Bake files are made by types: what breaks the rule is written here by hand.
    #[test]
    fn a_bake_file_that_writes_is_found() {
        let target = |cache: &str, output: &str| serde_json::json!({ "t": { "cache-to": [cache], "output": [output] } });
        assert!(writes(&target("type=registry", "type=cacheonly")));
        let carrier = serde_json::json!({ "t": { "output": ["type=image,name=a:ccache-b,push=true"] } });
        assert!(writes(&carrier));
        let digest = serde_json::json!({ "t": { "output": ["type=image,push-by-digest=true,push=true"] } });
        assert!(!writes(&digest) && !writes(&Value::Null));
    }
}
