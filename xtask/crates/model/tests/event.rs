//! Every event, as CI captures it, and what it may write.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use model::event::{Captured, Event, GitRef, Head, Publish, Trigger, decide};

const COMMIT: &str = "0c1e57098bba43ac29e6e3b677cdceebdd22334f";

fn captured(name: &str, git_ref: &str, payload: &str) -> Captured {
    Captured {
        actions: true,
        name: (!name.is_empty()).then(|| name.to_owned()),
        git_ref: (!git_ref.is_empty()).then(|| git_ref.to_owned()),
        commit: Some(COMMIT.to_owned()),
        protected: git_ref.starts_with("refs/tags/v"),
        repository: Some("owner/project".to_owned()),
        run: Some("42".to_owned()),
        payload: Some(Ok(payload.to_owned())),
    }
}

fn pull_request(head: &str) -> String {
    let repo = if head.is_empty() { "null".to_owned() } else { format!("{{\"full_name\":\"{head}\"}}") };
    format!("{{\"pull_request\":{{\"number\":7,\"head\":{{\"repo\":{repo}}}}}}}")
}

/// Name, reference, payload → write without and with `--push`, where images go with `--push`.
#[test]
fn what_every_event_may_write() {
    let plain = "{\"repository\":{\"default_branch\":\"master\"}}";
    let same = pull_request("Owner/Project");
    let fork = pull_request("other/project");
    let deleted = pull_request("");
    let branch = "refs/heads/master";
    let merge = "refs/pull/7/merge";
    let table = [
        ("push", branch, plain, true, Publish::Released),
        ("push", "refs/tags/v1.2.3", plain, true, Publish::Released),
        ("schedule", branch, plain, true, Publish::Released),
        ("workflow_dispatch", branch, plain, true, Publish::Released),
        ("workflow_dispatch", "refs/tags/v1", plain, true, Publish::Released),
        // Whoever may push may push these, and start what they hold.
        ("push", "refs/heads/topic/x", plain, false, Publish::Nothing),
        ("push", "refs/heads/v1", plain, false, Publish::Nothing),
        ("push", "refs/tags/mine", plain, false, Publish::Nothing),
        ("push", "refs/tags/master", plain, false, Publish::Nothing),
        ("push", branch, "{}", false, Publish::Nothing),
        ("workflow_dispatch", "refs/heads/topic/x", plain, false, Publish::Nothing),
        ("workflow_dispatch", "refs/tags/mine", plain, false, Publish::Nothing),
        ("schedule", "refs/tags/mine", plain, false, Publish::Nothing),
        ("pull_request", merge, &same, false, Publish::PullRequests),
        ("pull_request", merge, &fork, false, Publish::Nothing),
        ("pull_request", merge, &deleted, false, Publish::Nothing),
        ("pull_request", merge, "{}", false, Publish::Nothing),
        ("pull_request", merge, "{", false, Publish::Nothing),
        ("pull_request_target", branch, &same, false, Publish::Nothing),
        ("pull_request_target", branch, plain, false, Publish::Nothing),
        ("pull_request_review", merge, &same, false, Publish::Nothing),
        ("merge_group", "refs/heads/gh-readonly-queue/master/pr-7", plain, false, Publish::Nothing),
        ("workflow_run", branch, plain, false, Publish::Nothing),
        ("issue_comment", branch, plain, false, Publish::Nothing),
        ("release", "refs/tags/v1", plain, false, Publish::Nothing),
        ("PUSH", branch, plain, false, Publish::Nothing),
        // What does not fit together is trusted with nothing.
        ("push", branch, "[1]", false, Publish::Nothing),
        ("push", branch, "not JSON", false, Publish::Nothing),
        ("push", branch, &fork, false, Publish::Nothing),
        ("push", merge, plain, false, Publish::Nothing),
        ("push", "refs/heads/", plain, false, Publish::Nothing),
        ("push", "", plain, false, Publish::Nothing),
        ("schedule", "", plain, false, Publish::Nothing),
        ("", branch, plain, false, Publish::Nothing),
    ];
    for (name, git_ref, payload, write, publish) in table {
        let event = Event::read(&captured(name, git_ref, payload));
        for push in [false, true] {
            let decision = decide(&event, push);
            assert_eq!(
                (decision.cache.write, decision.publish),
                (write, publish),
                "{name} {git_ref} {decision:?}"
            );
            assert!(decision.cache.read && !decision.reason.is_empty(), "{name} {git_ref}");
        }
    }
}

#[test]
fn outside_ci_only_push_writes() {
    let event = Event::read(&Captured::default());
    assert_eq!(event.trigger, Trigger::Local);
    let (without, with) = (decide(&event, false), decide(&event, true));
    assert_eq!((without.cache.write, without.publish), (false, Publish::Nothing));
    assert_eq!((with.cache.write, with.publish), (true, Publish::Released));
}

#[test]
fn without_a_payload_that_can_be_read_nothing_is_trusted() {
    let mut captured = captured("push", "refs/heads/master", "{}");
    captured.payload = Some(Err("no such file".to_owned()));
    let decision = decide(&Event::read(&captured), true);
    assert!(!decision.cache.write && decision.reason.contains("no such file"), "{}", decision.reason);
    captured.payload = None;
    let decision = decide(&Event::read(&captured), true);
    assert!(!decision.cache.write && decision.reason.contains("default branch"), "{}", decision.reason);
}

#[test]
fn what_the_payload_tells() {
    let payload = "{\"repository\":{\"default_branch\":\"master\"}}";
    let event = Event::read(&captured("push", "refs/heads/master", payload));
    assert!(event.on_default_branch());
    assert_eq!(event.run, Some(42));
    assert_eq!(event.commit.unwrap().short(), "0c1e570");
    let event = Event::read(&captured("push", "refs/tags/master", payload));
    assert!(!event.on_default_branch(), "a tag of that name is no branch");
    assert_eq!(event.git_ref(), Some(&GitRef::Tag("master".to_owned())));
    let event = Event::read(&captured("pull_request", "refs/pull/7/merge", &pull_request("owner/project")));
    assert_eq!(event.trigger, Trigger::PullRequest { number: Some(7), head: Head::Same });
    assert_eq!(event.git_ref(), None);
}
