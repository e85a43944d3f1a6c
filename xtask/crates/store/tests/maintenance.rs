//! Listing, verifying, garbage collection.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use common::{Sandbox, commit, files, key, picture};
use model::digest::Digest;
use store::{Error, Policy, Reason, Reserved, Store, What};

const LIB: u64 = common::LIB as u64;
const HOUR: Duration = Duration::from_hours(1);

/// Makes everything below a store look as if it had last been used some hours ago.
fn age(path: &Path, hours: u32) {
    for file in files(path) {
        File::open(file).unwrap().set_modified(SystemTime::now() - HOUR * hours).unwrap();
    }
}

fn age_entry(store: &Store, name: &str, hours: u32) {
    age(&store.path().join("entries").join(key(name).to_string()), hours);
}

fn policy(budget: u64) -> Policy {
    Policy { budget, grace: HOUR, dry_run: false }
}

/// A package of one file of a size.
fn package(sandbox: &Sandbox, name: &str, bytes: usize) -> std::path::PathBuf {
    let root = sandbox.path(&format!("built-{name}"));
    fs::create_dir_all(&root).unwrap();
    fs::write(root.join("run"), name.repeat(bytes)).unwrap();
    root
}

#[test]
fn listing_and_counting() {
    let sandbox = Sandbox::new();
    let store = sandbox.store();
    assert_eq!(store.ls().unwrap(), []);
    commit(&store, "a", &sandbox.package("a"));
    commit(&store, "b", &sandbox.package("b"));
    age_entry(&store, "b", 2);
    fs::write(store.scratch("sources").unwrap().join("x"), "123").unwrap();

    let listed = store.ls().unwrap();
    assert_eq!(listed.iter().map(|entry| entry.unit.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((listed[0].key, listed[0].files, listed[0].bytes), (key("a"), 3, LIB + 17));
    let usage = store.stat().unwrap();
    assert_eq!((usage.entries, usage.damaged, usage.blobs), (2, 0, 4));
    assert_eq!((usage.blob_bytes, usage.reclaimable), (LIB + 2 * 17, 0));
    assert_eq!(usage.scratch, [("sources".to_owned(), 3)]);
    assert_eq!(store.verify(false).unwrap().problems, []);
}

#[test]
fn the_least_recently_used_goes_first_until_the_rest_fits() {
    let sandbox = Sandbox::new();
    let store = sandbox.store();
    for name in ["a", "b", "c"] {
        commit(&store, name, &package(&sandbox, name, 1000));
    }
    age(store.path(), 9);
    store.lookup(&key("a")).unwrap().unwrap();

    let before = picture(store.path());
    let would = store.gc(Policy { dry_run: true, ..policy(1000) }, &HashSet::new()).unwrap();
    assert_eq!(picture(store.path()), before, "a dry run touches nothing");
    let did = store.gc(policy(1000), &HashSet::new()).unwrap();
    assert_eq!(did, would);
    assert_eq!((did.freed, did.kept), (2000, 1000));
    let gone: Vec<_> =
        did.removed.iter().map(|removed| (&removed.what, removed.reason, removed.bytes)).collect();
    let entry = |name: &str| What::Entry { key: key(name), unit: name.into() };
    assert!(gone.contains(&(&entry("b"), Reason::OverBudget, 1000)), "{gone:?}");
    assert!(gone.contains(&(&entry("c"), Reason::OverBudget, 1000)), "{gone:?}");
    assert_eq!(store.ls().unwrap().len(), 1);
    store.lookup(&key("a")).unwrap().unwrap().restore(&sandbox.path("out")).unwrap();
}

#[test]
fn what_is_shared_recent_or_in_use_stays() {
    let sandbox = Sandbox::new();
    let store = sandbox.store();
    let one = package(&sandbox, "same", 1000);
    commit(&store, "old", &one);
    commit(&store, "new", &one);
    let held = commit(&store, "held", &package(&sandbox, "held", 500));
    age(store.path(), 9);
    store.lookup(&key("new")).unwrap().unwrap();

    let did = store.gc(policy(0), &HashSet::new()).unwrap();
    assert_eq!(did.in_use, [What::Entry { key: key("held"), unit: "held".into() }]);
    assert_eq!(did.removed.len(), 1, "{did:?}");
    assert_eq!((did.freed, did.kept), (0, 6000), "the content of `old` is that of `new`");
    held.restore(&sandbox.path("held")).unwrap();
    store.lookup(&key("new")).unwrap().unwrap().restore(&sandbox.path("new")).unwrap();

    drop(held);
    age(store.path(), 9);
    let did = store.gc(policy(0), &HashSet::new()).unwrap();
    assert_eq!((did.removed.len(), did.kept), (2, 0));
    assert!(files(&store.path().join("blobs")).is_empty());
}

#[test]
fn leftovers_and_unreachable_content_go_whatever_the_budget() {
    let sandbox = Sandbox::new();
    let store = sandbox.store();
    commit(&store, "a", &package(&sandbox, "a", 10));
    let stray = Digest::of(b"stray");
    let shelf = store.path().join("blobs").join(&stray.to_hex()[..2]);
    fs::create_dir_all(&shelf).unwrap();
    fs::write(shelf.join(stray.to_hex()), "stray").unwrap();
    fs::create_dir(store.path().join("tmp/.tmpx")).unwrap();
    fs::write(store.path().join("tmp/.tmpx/0"), "half a file").unwrap();
    fs::write(store.path().join("locks").join(key("dead").to_string()), "1\n").unwrap();
    let _building = store.reserve(&key("building"), |_| {}).unwrap();
    assert_eq!(store.stat().unwrap().reclaimable, 5 + 11);

    let did = store.gc(policy(u64::MAX), &HashSet::new()).unwrap();
    assert_eq!(did.removed.len(), 2, "the leftovers; the stray content is young: {did:?}");
    age(store.path(), 2);
    let did = store.gc(policy(u64::MAX), &HashSet::new()).unwrap();
    assert_eq!((did.removed.len(), &did.removed[0].what, did.freed), (1, &What::Blob(stray), 5));
    assert_eq!(files(&store.path().join("locks")).len(), 1, "the key that is being built");
    assert_eq!(store.verify(false).unwrap().problems, []);
}

#[test]
fn unfinished_notes_and_forgotten_stat_caches_go() {
    let sandbox = Sandbox::new();
    let store = sandbox.store();
    store.set_last("unit", key("a")).unwrap();
    let stat = store.path().join("stat");
    fs::create_dir(&stat).unwrap();
    for name in ["fresh", "forgotten", ".new-x"] {
        fs::write(stat.join(name), "1234").unwrap();
    }
    fs::write(store.path().join("last/.new-y"), "12").unwrap();
    age(&store.path().join("last"), 24 * 365);
    age(&stat, 24 * 365);
    File::open(stat.join("fresh")).unwrap().set_modified(SystemTime::now()).unwrap();

    let did = store.gc(policy(u64::MAX), &HashSet::new()).unwrap();
    assert_eq!((did.removed.len(), did.freed), (3, 10), "{did:?}");
    assert!(did.removed.iter().all(|removed| removed.reason == Reason::Abandoned));
    assert_eq!(files(&stat), [stat.join("fresh")]);
    assert!(store.last("unit").unwrap().is_some());
}

#[test]
fn collecting_keeps_out_while_something_is_written() {
    let sandbox = Sandbox::new();
    let store = sandbox.store();
    commit(&store, "a", &sandbox.package("a"));
    let lock = File::options().read(true).write(true).open(store.path().join("lock")).unwrap();
    lock.lock_shared().unwrap();
    assert!(matches!(store.gc(policy(0), &HashSet::new()), Err(Error::Busy { .. })));
    drop(lock);
    store.gc(policy(0), &HashSet::new()).unwrap();
}

/// One thread builds and restores, one collects everything it may whenever the first has got on; nothing is ever lost on the
/// way.
#[test]
fn collecting_during_use_breaks_nothing() {
    let sandbox = Sandbox::new();
    let store = sandbox.store();
    let trees: Vec<_> = (0..3).map(|at| package(&sandbox, &format!("p{at}"), 3000)).collect();
    std::thread::scope(|scope| {
        let (told, steps) = std::sync::mpsc::channel();
        let user = scope.spawn({
            let (sandbox, store, trees) = (&sandbox, &store, &trees);
            move || {
                for round in 0..30 {
                    let at = round % trees.len();
                    told.send(()).unwrap();
                    let entry = match store.reserve(&key(&at.to_string()), |_| {}).unwrap() {
                        Reserved::Hit(entry) => entry,
                        Reserved::Vacant(vacant) => {
                            told.send(()).unwrap();
                            vacant.commit(&trees[at], b"", common::meta("u")).unwrap()
                        }
                    };
                    told.send(()).unwrap();
                    let dest = sandbox.path(&format!("out{at}"));
                    entry.restore(&dest).unwrap();
                    assert_eq!(picture(&dest), picture(&trees[at]));
                }
            }
        });
        let mut collected = 0;
        for () in steps {
            match store.gc(Policy { budget: 0, grace: Duration::ZERO, dry_run: false }, &HashSet::new()) {
                Ok(report) => collected += report.removed.len(),
                Err(Error::Busy { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        user.join().unwrap();
        assert!(collected > 0);
    });
    assert_eq!(store.verify(false).unwrap().problems, []);
}
