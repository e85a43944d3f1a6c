//! What is queued when the registry has it, has it not, is slow, refuses, or answers half.

use crate::affected::repository::Repository;
use crate::checkout::{Checkout, Ran, ran};
use crate::faults::{Asked, Fate, Proxy};
use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

fn has(asked: &Asked) -> Fate {
    Fate::answer(200, "").with("Docker-Content-Digest", format!("sha256:{:064x}", asked.number))
}

fn queued(checkout: &Checkout, address: &str, more: &[&str]) -> Ran {
    let registry = format!("{address}/team/cache");
    let mut args = vec!["matrix", "--all", "--registry", &registry, "--format", "json"];
    args.extend(more);
    ran(checkout.command(&args).env("GITHUB_STEP_SUMMARY", checkout.dir().join("summary.md")))
}

/// How many units of Linux are built, and how many images are merged.
fn jobs(ran: &Ran) -> (usize, usize) {
    assert_eq!(ran.code, 0, "{ran:?}");
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let count = |name: &str| document[name].as_array().unwrap().len();
    (count("linux"), count("merges"))
}

#[test]
fn what_is_there_is_no_job_and_what_is_gone_is_one() {
    let checkout = Checkout::new();
    let whole = jobs(&ran(&mut checkout.command(&["matrix", "--all", "--format", "json"])));
    assert!(whole.0 > 2 && whole.1 > 1, "{whole:?}");

    let proxy = Proxy::alone(has);
    let all = queued(&checkout, &proxy.address(), &[]);
    assert_eq!(jobs(&all), (0, whole.1), "reused images are merged all the same");
    assert_eq!(proxy.lines().len(), whole.0, "each is asked for once");
    let page = fs::read_to_string(checkout.dir().join("summary.md")).unwrap();
    assert!(page.contains(&format!("| reuse | {} |", whole.0)) && !page.contains("WARNING"), "{page}");
    let told = checkout.out(&["ci", "summary"]);
    assert!(told.starts_with("## What is queued") && told.contains(&format!("{} merges", whole.1)), "{told}");

    let forced = queued(&checkout, &proxy.address(), &["--force"]);
    assert_eq!(jobs(&forced), whole);

    let proxy = Proxy::alone(|asked| if asked.number == 1 { Fate::answer(404, "") } else { has(asked) });
    assert_eq!(jobs(&queued(&checkout, &proxy.address(), &[])), (1, whole.1));
}

#[test]
fn a_registry_that_does_not_answer_costs_builds_and_little_time() {
    let checkout = Checkout::new();
    let whole = jobs(&ran(&mut checkout.command(&["matrix", "--all", "--format", "json"])));
    let body = r#"{"errors":[{"code":"X","message":"no"}]}"#;
    let fates = [
        ("no answer in time", Fate::Hang),
        ("401", Fate::answer(401, body)),
        ("asks to be left alone for 3600 s", Fate::answer(429, "").with("Retry-After", "3600")),
        ("500", Fate::answer(500, body)),
    ];
    for (said, fate) in fates {
        let proxy = Proxy::alone(move |_| fate.clone());
        let began = Instant::now();
        let ran = queued(&checkout, &proxy.address(), &["--registry-timeout", "2"]);
        assert_eq!(jobs(&ran), whole, "{said}");
        assert!(ran.err.contains(said) && ran.err.contains("what it did not answer for is built"), "{ran:?}");
        assert!(began.elapsed() < Duration::from_secs(8), "{said}: {:?}", began.elapsed());
    }
    let ran = queued(&checkout, "127.0.0.1:1", &[]);
    assert!(jobs(&ran) == whole && ran.err.contains("cannot be reached"), "{ran:?}");
    let page = fs::read_to_string(checkout.dir().join("summary.md")).unwrap();
    assert!(page.contains("[!WARNING]"), "{page}");
}

/// What a run of CI makes of an event: the units that are jobs, and the images that are merged.
fn decided(
    repository: &Repository,
    event: &str,
    payload: &str,
    proxy: &Proxy,
) -> (BTreeSet<String>, Vec<String>) {
    let file = repository.checkout.home.join("event.json");
    fs::write(&file, payload).unwrap();
    let registry = format!("{}/team/cache", proxy.address());
    let mut command = repository.checkout.command(&["matrix", "--registry", &registry, "--format", "json"]);
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_NAME", event).env("GITHUB_EVENT_PATH", &file);
    let ran = ran(command.env("GITHUB_REF", "refs/heads/main"));
    assert_eq!(ran.code, 0, "{ran:?}");
    // GitHub's annotations are lines of the same output.
    let json = ran.out.lines().filter(|line| !line.starts_with("::")).collect::<String>();
    let document: serde_json::Value =
        serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let unit = |row: &serde_json::Value| {
        let part = |name: &str| row[name].as_str().unwrap().to_owned();
        format!("{} {} {}", part("backend"), part("variant"), part("platform"))
    };
    let merges =
        document["merges"].as_array().unwrap().iter().map(|suffix| suffix.as_str().unwrap().to_owned());
    (document["linux"].as_array().unwrap().iter().map(unit).collect(), merges.collect())
}

#[test]
fn a_timer_builds_whatever_is_missing_and_a_push_what_others_left() {
    let repository = Repository::new();
    let before = repository.commit();
    repository.write("backend/go/local-store/main.go", "package main // touched\n");
    let after = repository.commit();
    let keys = repository.keys();
    let push = serde_json::json!({ "ref": "refs/heads/main", "before": before, "after": after }).to_string();
    let timer = r#"{"schedule": "0 6 * * 0"}"#;
    // One that the push does not touch, and that an earlier run could not build.
    let failed = "llama-cpp vulkan linux/arm64";
    let tag = format!("img-{}", keys[failed]);
    let fate =
        move |asked: &Asked| if asked.path.contains(&tag) { Fate::answer(404, "") } else { has(asked) };
    let (empty, whole) = (Proxy::alone(|_| Fate::answer(404, "")), Proxy::alone(has));

    let all: BTreeSet<String> = keys.keys().cloned().collect();
    assert_eq!(decided(&repository, "schedule", timer, &empty).0, all);
    assert_eq!(decided(&repository, "schedule", timer, &whole), (BTreeSet::new(), Vec::new()));
    let one = (BTreeSet::from([failed.to_owned()]), vec!["-gpu-vulkan-llama-cpp".to_owned()]);
    assert_eq!(decided(&repository, "schedule", timer, &Proxy::alone(fate.clone())), one);

    let (built, merged) = decided(&repository, "push", &push, &Proxy::alone(fate.clone()));
    assert_eq!((built, &merged[..]), (one.0, &["-cpu-local-store".to_owned(), one.1[0].clone()][..]));
    let page = repository.checkout.out(&["ci", "summary"]);
    assert!(page.contains("| build | 1 | missing since an earlier run |"), "{page}");
    assert_eq!(decided(&repository, "push", &push, &empty).0, all);
    // Nobody answers: what the push touches is built, and nothing is assumed to be missing.
    let mute = Proxy::alone(|_| Fate::answer(500, ""));
    let built = decided(&repository, "push", &push, &mute).0;
    assert!(built.len() == 2 && built.iter().all(|unit| unit.starts_with("local-store ")), "{built:?}");
    let pull = serde_json::json!({ "pull_request": { "base": { "sha": before }, "head": { "sha": after } } });
    let (built, merged) = decided(&repository, "pull_request", &pull.to_string(), &empty);
    assert!(built.len() == 2 && merged.is_empty(), "{built:?}");
}

/// As when the clock passes Monday's midnight between the job that decides and those that build.
#[test]
fn jobs_build_the_keys_that_were_asked_for_whenever_they_start() {
    let checkout = Checkout::new();
    let unit = ["hash", "minilm", "--published", "--realm", "container", "--platform", "linux/amd64"];
    let key = |bucket: &str| ran(checkout.command(&unit).env("XTASK_BUCKET", bucket)).out;
    let now = checkout.out(&["ci", "bucket"]);
    let now = now.trim().strip_prefix("bucket=").unwrap();
    let then = "2020-W53";
    assert_eq!((key(now), key("")), (checkout.out(&unit), checkout.out(&unit)));
    assert_ne!(key(then), key(now));

    let proxy = Proxy::alone(has);
    let registry = format!("{}/team/cache", proxy.address());
    let mut matrix = checkout.command(&["matrix", "--all", "--registry", &registry]);
    assert_eq!(ran(matrix.env("XTASK_BUCKET", then)).code, 0);
    let asked = |key: String| proxy.lines().iter().any(|line| line.contains(&format!("img-{}", key.trim())));
    assert!(asked(key(then)) && !asked(key(now)), "{:?}", proxy.lines());
    assert_eq!(ran(checkout.command(&["ci", "bucket"]).env("XTASK_BUCKET", then)).out, "bucket=2020-W53\n");

    let wrong = ran(checkout.command(&unit).env("XTASK_BUCKET", "2021-W53"));
    assert!(wrong.code == 2 && wrong.err.contains("XTASK_BUCKET is `2021-W53`"), "{wrong:?}");
}

#[test]
fn half_an_answer_counts() {
    let checkout = Checkout::new();
    let whole = jobs(&ran(&mut checkout.command(&["matrix", "--all", "--format", "json"])));
    // One alone learns what the registry wants to see; everything behind it hangs.
    let proxy = Proxy::alone(|asked| if asked.number == 0 { has(asked) } else { Fate::Hang });
    let ran = queued(&checkout, &proxy.address(), &["--registry-timeout", "2"]);
    assert_eq!(jobs(&ran), (whole.0 - 1, whole.1), "{ran:?}");
    assert!(ran.err.contains(&format!("{} of {} answers", whole.0 - 1, whole.0)), "{ran:?}");
}

#[test]
fn what_is_there_for_a_known_mac_is_no_job_either() {
    let checkout = Checkout::new();
    let file = crate::checkout::repository().join("tests/fixtures/hosts/mac-arm64.yaml");
    let host = ["--host", file.to_str().unwrap()];
    let darwin = |ran: &Ran| {
        let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        document["darwin"].as_array().unwrap().len()
    };
    let proxy = Proxy::alone(has);
    let blind = queued(&checkout, &proxy.address(), &[]);
    let known = queued(&checkout, &proxy.address(), &host);
    assert_eq!((darwin(&blind), darwin(&known)), (1, 0), "{known:?}");
    assert_eq!(jobs(&known), jobs(&blind), "what is merged is what is built on Linux");
    let gone = Proxy::alone(|_| Fate::answer(404, ""));
    assert_eq!(darwin(&queued(&checkout, &gone.address(), &host)), 1);
}
