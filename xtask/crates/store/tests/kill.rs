//! SIGKILL at 200 random points of a commit and a restore.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::{Sandbox, key, meta, package_at, parents_sandbox, picture, role};
use store::{Policy, Reserved, Store, restored_key};

const KILLS: u32 = 200;

/// Builds the package named in the role under that key and restores it.
#[test]
#[ignore = "run by the test below, as the process that is killed"]
fn child() {
    let Ok(name) = std::env::var(common::ROLE) else { return };
    let sandbox = parents_sandbox();
    let store = Store::open(&sandbox.join("cache")).unwrap();
    eprintln!("ready");
    let entry = match store.reserve(&key(&name), |_| panic!("nobody else is here")).unwrap() {
        Reserved::Hit(entry) => entry,
        Reserved::Vacant(vacant) => {
            vacant.commit(&sandbox.join(&name), name.as_bytes(), meta(&name)).unwrap()
        }
    };
    entry.restore(&sandbox.join("out/package")).unwrap();
}

fn start(name: &str, sandbox: &Path) -> Child {
    let mut child = role(name, sandbox).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    child
}

/// Marsaglia's xorshift: the same points, as shares of a whole run, every time.
fn share(random: &mut u32) -> f64 {
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    f64::from(*random) / f64::from(u32::MAX)
}

/// Checks everything that must hold whenever the child died; tells whether it had made the entry, and the package.
fn check(sandbox: &Sandbox, store: &Store, name: &str, before: &[String]) -> (bool, bool) {
    assert_eq!(store.verify(false).unwrap().problems, [], "no half entry, no half content");
    let whole = picture(&sandbox.path(name));
    let place = sandbox.path("out/package");
    let now = if place.exists() { picture(&place) } else { Vec::new() };
    assert!(now == whole || now == before, "{name}: neither the old package nor the new one");
    if let Some(found) = restored_key(&place) {
        assert_eq!(found == key(name), now == whole, "the stamp lies");
    }
    let Some(entry) = store.lookup(&key(name)).unwrap() else { return (false, now == whole) };
    assert_eq!(entry.key_document().unwrap(), name.as_bytes());
    entry.restore(&sandbox.path("check")).unwrap();
    assert_eq!(picture(&sandbox.path("check")), whole);
    (true, now == whole)
}

#[test]
fn a_kill_leaves_a_whole_entry_or_none_and_a_whole_package_or_the_old_one() {
    let sandbox = Sandbox::new();
    let store = sandbox.store();
    let mut random = 20_240_607_u32;
    let mut whole_run = Duration::ZERO;
    let (mut killed, mut without_entry, mut with_entry, mut restored) = (0, 0, 0, 0);
    let mut before = Vec::new();
    for at in 0.. {
        let name = format!("p{at}");
        package_at(&sandbox.path(&name), &name);
        // Own content, so that every run writes blobs.
        fs::write(sandbox.path(&name).join("lib/own"), name.repeat(50_000)).unwrap();
        let mut child = start(&name, sandbox.dir.path());
        let began = Instant::now();
        if at >= 3 {
            std::thread::sleep(whole_run.mul_f64(share(&mut random)));
            child.kill().unwrap();
        }
        let status = child.wait().unwrap();
        let state = check(&sandbox, &store, &name, &before);
        if status.signal() == Some(9) {
            killed += 1;
            match state {
                (false, false) => without_entry += 1,
                (true, false) => with_entry += 1,
                (true, true) => restored += 1,
                (false, true) => panic!("a package without an entry"),
            }
        } else {
            // It was done before it could be killed: aim at a shorter run from now on.
            assert!(status.success() && state == (true, true));
            whole_run = if at < 3 { whole_run.max(began.elapsed()) } else { whole_run.mul_f64(0.9) };
        }
        let place = sandbox.path("out/package");
        before = if place.exists() { picture(&place) } else { before };
        fs::remove_dir_all(sandbox.path(&name)).unwrap();
        if at % 20 == 0 {
            store.gc(Policy { budget: 0, grace: Duration::ZERO, dry_run: false }, &HashSet::new()).unwrap();
        }
        if killed == KILLS {
            break;
        }
        assert!(at < 5 * KILLS, "only {killed} of {at} could be killed in time");
    }
    println!("killed before the entry {without_entry}, before the package {with_entry}, after {restored}");
    assert!(without_entry > 0 && with_entry > 0, "the kills hit one phase only");

    // The next run goes through and tidies up.
    package_at(&sandbox.path("last"), "last");
    assert!(start("last", sandbox.dir.path()).wait().unwrap().success());
    let beside = fs::read_dir(sandbox.path("out")).unwrap().count();
    assert_eq!(beside, 2, "the package and its stamp");
    store.gc(Policy { budget: u64::MAX, grace: Duration::ZERO, dry_run: false }, &HashSet::new()).unwrap();
    for dir in ["tmp", "locks"] {
        assert_eq!(fs::read_dir(store.path().join(dir)).unwrap().count(), 0, "{dir}");
    }
    assert_eq!(store.stat().unwrap().reclaimable, 0);
}
