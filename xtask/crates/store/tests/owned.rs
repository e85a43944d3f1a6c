//! Directories of processes that are at work, and of processes that were killed there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use common::{Sandbox, parents_sandbox, role};
use store::{OwnedDir, Policy, Reason, Store, Turn, What, abandoned, collect_abandoned};

/// Works in the directory named in the role until it is killed.
#[test]
#[ignore = "run by the tests below, as the process that is killed"]
fn child() {
    let Ok(name) = std::env::var(common::ROLE) else { return };
    let work = Store::open(&parents_sandbox().join("cache")).unwrap().work();
    let owned = OwnedDir::claim(&work, &name, |_| panic!("nobody else is here")).unwrap();
    fs::create_dir(owned.path().join("deep")).unwrap();
    fs::write(owned.path().join("deep/object"), vec![1; 1000]).unwrap();
    eprintln!("at work");
    drop(std::io::stdin().read(&mut [0]));
}

fn at_work(sandbox: &Sandbox, name: &str) -> Child {
    let mut child =
        role(name, sandbox.dir.path()).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "at work\n");
    child
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn count(dir: &Path) -> usize {
    fs::read_dir(dir).unwrap().count()
}

const KEEP: Policy = Policy { budget: u64::MAX, grace: Duration::ZERO, dry_run: false };

#[test]
fn what_a_killed_process_left_is_counted_and_collected_and_the_rest_stays() {
    let sandbox = Sandbox::new();
    let store = sandbox.store();
    let (running, killed) = (at_work(&sandbox, "running"), at_work(&sandbox, "killed"));
    let work = store.work();
    assert!(abandoned(&work).unwrap().is_empty());
    assert_eq!(collect_abandoned(&work).unwrap(), []);
    assert_eq!(
        (store.gc(KEEP, &HashSet::new()).unwrap().removed, store.stat().unwrap().reclaimable),
        (vec![], 0)
    );

    kill(killed);
    let left = work.join("killed");
    // Its number may be another process's by now.
    fs::write(work.join(".killed.lock"), format!("{}\n", std::process::id())).unwrap();
    assert_eq!(abandoned(&work).unwrap(), std::slice::from_ref(&left));
    assert!(store.stat().unwrap().reclaimable >= 1000);
    let shown = store.gc(Policy { dry_run: true, ..KEEP }, &HashSet::new()).unwrap();
    assert!(left.join("deep/object").exists());
    let collected = store.gc(KEEP, &HashSet::new()).unwrap();
    assert_eq!(shown, collected);
    let [removed] = &collected.removed[..] else { panic!("{collected:?}") };
    assert_eq!((&removed.what, removed.reason), (&What::Leftover(left.clone()), Reason::Abandoned));
    assert!(removed.bytes >= 1000 && collected.freed == removed.bytes);
    assert!(!left.exists() && work.join("running/deep/object").exists());
    assert_eq!(store.stat().unwrap().reclaimable, 0);
    kill(running);
    assert_eq!(collect_abandoned(&work).unwrap().len(), 1);
    assert_eq!(count(&work), 0, "not even a lock is left");
}

#[test]
fn a_directory_without_a_lock_is_nobodys() {
    let sandbox = Sandbox::new();
    let work = sandbox.store().work();
    fs::create_dir_all(work.join("old/deep")).unwrap();
    fs::write(work.join("file"), "").unwrap();
    assert_eq!(abandoned(&work).unwrap().len(), 2);
    assert_eq!(collect_abandoned(&work).unwrap().len(), 2);
    assert_eq!(count(&work), 0);
}

#[test]
fn a_name_is_taken_over_from_the_dead_and_shared_with_nobody() {
    let sandbox = Sandbox::new();
    let work = sandbox.store().work();
    let other = at_work(&sandbox, "key");
    let beside = OwnedDir::beside(&work, "key").unwrap();
    assert_eq!(beside.path(), work.join("key-1"));
    kill(other);
    let ours = OwnedDir::claim(&work, "key", |_| panic!("its owner is gone")).unwrap();
    assert_eq!((ours.path(), count(ours.path())), (work.join("key").as_path(), 0));
    let again = OwnedDir::beside(&work, "key").unwrap();
    assert_eq!(again.path(), work.join("key-2"));
    drop((beside, ours, again));
    assert_eq!(count(&work), 0);
}

#[test]
fn one_has_the_turn() {
    let sandbox = Sandbox::new();
    let lock = sandbox.path("deep/.unit.lock");
    let turn = Turn::take(&lock, |_| panic!("nobody else is here")).unwrap();
    assert!(Turn::attempt(&lock).unwrap().is_none());
    drop(turn);
    assert!(Turn::attempt(&lock).unwrap().is_some());
    assert!(!lock.exists());
}
