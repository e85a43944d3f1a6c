//! What CI events say: a base where there is one, everything where there is none.

use super::repository::{Answer, Repository};

const ZERO: &str = "0000000000000000000000000000000000000000";

fn everything(answer: &Answer, why: &str) {
    assert_eq!((&*answer.evidence, answer.units.len()), ("everything", 10), "{answer:?}");
    assert!(answer.why.contains(why), "{answer:?}");
}

fn push(before: &str, after: &str) -> String {
    serde_json::json!({ "ref": "refs/heads/main", "before": before, "after": after }).to_string()
}

fn pull_request(base: &str, head: &str) -> String {
    serde_json::json!({ "pull_request": { "base": { "sha": base }, "head": { "sha": head } } }).to_string()
}

#[test]
fn a_push_is_compared_with_what_was_there() {
    let repository = Repository::new();
    let first = repository.commit();
    repository.write("backend/go/local-store/main.go", "package main // 1\n");
    let second = repository.commit();
    repository.write("backend/python/minilm/server.py", "# 2\n");
    let third = repository.commit();
    let answer = repository.event(&push(&first, &third), &[]);
    assert_eq!((&*answer.evidence, &answer.backends()[..]), ("keys", &["local-store", "minilm"][..]));
    assert_eq!(repository.event(&push(&second, &third), &[]).backends(), ["minilm"]);
    // A forced push: what was there is no ancestor of what is.
    repository.git(&["reset", "--quiet", "--hard", &first]);
    repository.write("README.md", "# Anew\n");
    let forced = repository.commit();
    assert_eq!(repository.event(&push(&third, &forced), &[]).backends(), ["local-store", "minilm"]);
}

#[test]
fn a_pull_request_counts_from_where_it_left_its_base() {
    let repository = Repository::new();
    let fork = repository.commit();
    repository.git(&["checkout", "--quiet", "-b", "pull"]);
    repository.write("backend/python/minilm/server.py", "# pull\n");
    let head = repository.commit();
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("backend/go/local-store/main.go", "package main // main\n");
    let base = repository.commit();

    repository.git(&["checkout", "--quiet", "pull"]);
    assert_eq!(repository.event(&pull_request(&base, &head), &[]).backends(), ["minilm"], "its own tip");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.git(&["merge", "--quiet", "--no-ff", "--message", "x", "pull"]);
    for known in [&base, &fork] {
        let answer = repository.event(&pull_request(known, &head), &[]);
        assert_eq!(answer.backends(), ["minilm"], "merged, as CI checks it out");
    }
}

#[test]
fn without_a_base_everything_is_touched() {
    let repository = Repository::new();
    let here = repository.commit();
    everything(&repository.event(&push(ZERO, &here), &[]), "is new");
    let tag = serde_json::json!({ "ref": "refs/tags/v1", "before": ZERO, "after": here });
    everything(&repository.event(&tag.to_string(), &[]), "is a tag");
    everything(&repository.event(r#"{"schedule": "0 6 * * 6"}"#, &[]), "timer");
    everything(&repository.event(r#"{"ref": "refs/heads/main", "inputs": null}"#, &[]), "no commit");
    let absent = "1234567890123456789012345678901234567890";
    everything(&repository.event(&push(absent, &here), &[]), "is not in this clone");
    everything(&repository.event(&push(absent, &here), &["--offline"]), "--offline forbids");
}

#[test]
fn a_broken_payload_touches_everything_and_is_no_failure() {
    let repository = Repository::new();
    for (payload, why) in [
        ("", "not JSON"),
        ("{\"before\":", "not JSON"),
        ("[1]", "not a JSON object"),
        (r#"{"before": "--output=x", "after": "y", "ref": "refs/heads/x"}"#, "no commit"),
        (r#"{"pull_request": {}}"#, "has no `pull_request.base.sha`"),
    ] {
        everything(&repository.event(payload, &[]), why);
    }
    everything(&repository.affected(&["--event-path", "/nowhere/event.json"]), "cannot be read");
}

#[test]
fn the_event_of_a_run_is_found_without_being_named() {
    let repository = Repository::new();
    let first = repository.commit();
    repository.write("backend/python/minilm/server.py", "# 2\n");
    let second = repository.commit();
    let event = repository.checkout.home.join("event.json");
    std::fs::write(&event, push(&first, &second)).unwrap();
    let mut command = repository.checkout.command(&["affected", "--json"]);
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_PATH", &event);
    let ran = crate::checkout::ran(&mut command);
    assert_eq!(Answer::read(&ran.out).backends(), ["minilm"], "{ran:?}");
}
