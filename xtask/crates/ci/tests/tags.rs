//! Tags of published images, event by event.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use ci::tags::{pull_request, released};
use model::build_type::BuildType;
use model::event::{Captured, Event};
use model::image_names::Image;
use model::variant::Cuda;

const COMMIT: &str = "0c1e57098bba43ac29e6e3b677cdceebdd22334f";
const NOW: u64 = 1_764_000_000;

fn event(name: &str, git_ref: &str, payload: &str) -> Event {
    Event::read(&Captured {
        actions: true,
        name: Some(name.to_owned()),
        git_ref: Some(git_ref.to_owned()),
        protected: false,
        commit: Some(COMMIT.to_owned()),
        repository: Some("owner/project".to_owned()),
        run: None,
        payload: Some(Ok(payload.to_owned())),
    })
}

fn tags(event: &Event, image: &Image) -> String {
    let tags = released(event, image, NOW).unwrap();
    tags.iter().map(model::oci::Tag::as_str).collect::<Vec<_>>().join(" ")
}

#[test]
fn backends() {
    let image = Image::Backend("-cpu-x".parse().unwrap());
    let table = [
        ("push", "refs/heads/master", "master-cpu-x sha-0c1e570-cpu-x"),
        ("schedule", "refs/heads/master", "master-cpu-x sha-0c1e570-cpu-x"),
        ("workflow_dispatch", "refs/heads/master", "master-cpu-x sha-0c1e570-cpu-x"),
        ("push", "refs/heads/feature/a b+ü/c", "feature-a-b-c-cpu-x sha-0c1e570-cpu-x"),
        ("push", "refs/heads/a//b", "a-b-cpu-x sha-0c1e570-cpu-x"),
        ("push", "refs/heads/a/-b", "a--b-cpu-x sha-0c1e570-cpu-x"),
        ("push", "refs/heads/v1.2.3", "v1.2.3-cpu-x sha-0c1e570-cpu-x"),
        ("push", "refs/tags/v4.9.0", "v4.9.0-cpu-x sha-0c1e570-cpu-x latest-cpu-x"),
        ("workflow_dispatch", "refs/tags/4.9.0", "4.9.0-cpu-x sha-0c1e570-cpu-x latest-cpu-x"),
        ("push", "refs/tags/v4.9.0-rc.1", "v4.9.0-rc.1-cpu-x sha-0c1e570-cpu-x"),
        ("push", "refs/tags/v4.9.0+b.1", "v4.9.0-b.1-cpu-x sha-0c1e570-cpu-x latest-cpu-x"),
        ("push", "refs/tags/nightly", "sha-0c1e570-cpu-x"),
        ("push", "refs/tags/release/v4.9.0", "sha-0c1e570-cpu-x"),
        ("pull_request", "refs/pull/7/merge", "sha-0c1e570-cpu-x"),
    ];
    for (name, git_ref, expected) in table {
        assert_eq!(tags(&event(name, git_ref, "{}"), &image), expected, "{name} {git_ref}");
    }
    assert_eq!(tags(&Event::read(&Captured::default()), &image), "", "nothing names a local run");
}

#[test]
fn the_root_image_of_the_default_branch_is_also_tagged_by_time() {
    let payload = "{\"repository\":{\"default_branch\":\"master\"}}";
    let (core, vulkan) = (Image::Root(None), Image::Root(Some("-gpu-vulkan".parse().unwrap())));
    let table = [
        ("push", "refs/heads/master", &core, "master master-1764000000-0c1e570 sha-0c1e570"),
        (
            "push",
            "refs/heads/master",
            &vulkan,
            "master-gpu-vulkan master-1764000000-0c1e570-gpu-vulkan sha-0c1e570-gpu-vulkan",
        ),
        ("push", "refs/heads/topic", &core, "topic sha-0c1e570"),
        ("push", "refs/tags/v1.0.0", &core, "v1.0.0 sha-0c1e570 latest"),
    ];
    for (name, git_ref, image, expected) in table {
        assert_eq!(tags(&event(name, git_ref, payload), image), expected, "{name} {git_ref}");
    }
    // The payload of a timer tells nothing, and needs not.
    let timer = event("schedule", "refs/heads/master", "{}");
    assert_eq!(tags(&timer, &core), "master master-1764000000-0c1e570 sha-0c1e570");
}

#[test]
fn names_that_make_no_tag_are_refused_by_name() {
    let image = Image::Backend("-cpu-x".parse().unwrap());
    let long = format!("refs/heads/{}", "b".repeat(123));
    assert!(released(&event("push", &long[..long.len() - 1], "{}"), &image, NOW).is_ok());
    for git_ref in [&long, "refs/heads/-x", "refs/heads/ü"] {
        let error = released(&event("push", git_ref, "{}"), &image, NOW).unwrap_err().to_string();
        assert!(error.starts_with("branch ") && error.contains("--tag"), "{error}");
    }
}

#[test]
fn pull_requests_have_a_suffix_of_their_own() {
    let payload = "{\"pull_request\":{\"number\":7}}";
    let tag = |name: &str, build_type, cuda| {
        let backend = "llama-cpp".parse().unwrap();
        let event = event(name, "refs/pull/7/merge", payload);
        pull_request(&event, &backend, build_type, cuda).unwrap().map(|tag| tag.to_string())
    };
    let cuda = Some(Cuda { major: 12, minor: 8 });
    assert_eq!(tag("pull_request", BuildType::Cublas, cuda).unwrap(), "sha-0c1e5707-llama-cpp-cublas-12-8");
    assert_eq!(tag("pull_request", BuildType::Cpu, None).unwrap(), "sha-0c1e5707-llama-cpp---");
    assert_eq!(tag("push", BuildType::Cpu, None), None);
}
