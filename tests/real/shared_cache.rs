//! The compiler cache that machines share: a real Redis and a real server of files, between checkouts that have nothing else
//! in common.

use crate::checkout::Checkout;
use crate::child::{self, Run, Running, SHORT};
use crate::gate::Gate;
use crate::servers::{LOGIN, Server};
use std::process::Command;

const CREDENTIALS: &str = "XTASK_COMPILER_CACHE_CREDENTIALS";

/// A machine: a checkout and a cache of its own, which knows the server by `backend/variants.yaml`.
fn machine(url: &str) -> Checkout {
    let checkout = Checkout::tiny();
    let row = format!("compiler-cache:\n  remote: {url}\n\n# The bucket in the key");
    checkout.edit("backend/variants.yaml", "# The bucket in the key", &row);
    checkout
}

fn command(machine: &Checkout, redis: &Server, more: &[&str]) -> Command {
    let mut command = machine.command(&[&["-v", "build-backend", "tiny"], more].concat());
    command.env(CREDENTIALS, format!("redis://{LOGIN}@127.0.0.1:{}", redis.port));
    command
}

fn start(machine: &Checkout, redis: &Server, more: &[&str]) -> Running {
    child::start(command(machine, redis, more), SHORT)
}

#[track_caller]
fn build(machine: &Checkout, redis: &Server, more: &[&str]) -> Run {
    start(machine, redis, more).finish().expect(0)
}

#[test]
fn a_second_machine_compiles_nothing_and_nobody_is_told_the_password() {
    let (redis, files) = (Server::redis(), Server::http());
    let url = format!("redis://127.0.0.1:{}", redis.port);
    let first = machine(&url);
    build(&first, &redis, &[]).says(" · ccache 0 % of 6 (0 direct, 0 preprocessed, 6 compiled)");
    let second = machine(&url);
    let built = build(&second, &redis, &[])
        .says(" · ccache 100 % of 6 (6 direct, 0 preprocessed, 0 compiled; hits: 6 remote)");
    build(&second, &redis, &["--force"]).says(" · ccache 100 % of 6 (6 direct, 0 preprocessed, 0 compiled)");
    let mut grep = Command::new("grep");
    grep.args(["-rlE", "s3(@|%40)cret", second.root.as_str(), second.cache.as_str()]);
    assert_eq!((child::run(grep, SHORT).out.as_str(), built.err.contains("cret")), ("", false));
    let told = second.xtask(&["doctor"]).out;
    assert!(told.contains(&format!("the compiler cache {url} does not answer: it refuses us")), "{told}");

    // One option does as well, and another kind of server.
    let url = format!("http://127.0.0.1:{}/objects", files.port);
    let by_option = ["--shared-cache", url.as_str()];
    build(&Checkout::tiny(), &redis, &by_option).says("6 compiled)").says("is for another server");
    build(&Checkout::tiny(), &redis, &by_option).says("; hits: 6 remote)");
}

#[test]
fn a_cache_that_goes_away_is_said_once_and_comes_back() {
    let mut redis = Server::redis();
    let url = format!("redis://127.0.0.1:{}", redis.port);
    let machine = machine(&url);
    let gate = Gate::new(&machine.cache);
    let away = format!("the shared compiler cache {url} does not answer");
    let gone = format!("{away}: Connection refused (os error 111); going on without it");
    let mut running = start(&machine, &redis, &["--set", &gate.setting()]);
    let held = gate.wait();
    redis.stop();
    running.until(&gone);
    redis.restart();
    running.until("answers again");
    redis.freeze();
    running.until(&format!("{away}: no answer within"));
    gate.open(held);
    let built = running.finish().expect(0).says("built tiny");
    let warnings = built.err.lines().filter(|line| line.starts_with("warning") && line.contains(&away));
    assert_eq!(warnings.count(), 1, "{}", built.err);

    // From the start it is asked once, and never again.
    let silent = build(&machine, &redis, &["--force"])
        .says(&format!("{away}: no answer within 1000 ms; building without it"));
    assert_eq!(silent.err.matches(&away).count(), 1, "{}", silent.err);
    redis.thaw();
    redis.stop();
    build(&machine, &redis, &["--force"])
        .says(&format!("{away}: Connection refused (os error 111); building without it"));
}

#[test]
fn who_is_not_reviewed_writes_nothing_and_what_is_published_reads_nothing() {
    let redis = Server::redis();
    let machine = machine(&format!("redis://127.0.0.1:{}", redis.port));
    let on = |event: &str, git_ref: &str, more: &[&str]| {
        let payload = machine.root.join("event.json");
        let request = if event == "push" { "" } else { r#","pull_request":{"head":{"repo":null}}"# };
        let text = format!(r#"{{"repository":{{"default_branch":"main"}}{request}}}"#);
        fs_err::write(&payload, text).unwrap();
        let mut command = command(&machine, &redis, &[&["--force"], more].concat());
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_NAME", event).env("GITHUB_REF", git_ref);
        command
            .env("GITHUB_EVENT_PATH", payload)
            .env("GITHUB_REPOSITORY", "o/r")
            .env("GITHUB_SHA", "0".repeat(40));
        child::run(command, SHORT).expect(0)
    };
    on("pull_request", "refs/pull/7/merge", &[]).says("6 compiled");
    assert_eq!(redis.count(), 0);
    on("push", "refs/heads/main", &[]).says("is not used: this is published");
    assert_eq!(redis.count(), 0);
    machine.edit("backend/variants.yaml", "compiler-cache:\n", "compiler-cache:\n  trusted: true\n");
    machine.edit("backend/cpp/tiny/src/answer.cpp", "return 42", "return 43");
    on("push", "refs/heads/main", &[]).says("1 compiled");
    assert!(redis.count() > 0);
}
