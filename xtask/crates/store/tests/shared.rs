//! Trees that builds share: sealed, looked at when they are used, held while they are.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use common::{Sandbox, commit, files, key, picture};
use model::digest::Digest;
use std::collections::HashSet;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::{Duration, SystemTime};
use store::shared::{Found, Lease, discard, lease, seal};
use store::{Policy, Reason, Store, What};

const EVERYTHING: Policy = Policy { budget: 0, grace: Duration::ZERO, dry_run: false };

fn owner() -> Digest {
    Digest::of(b"whose")
}

/// A tree with every kind of thing in it, sealed where a cache has its sources.
fn sealed(sandbox: &Sandbox, name: &str) -> PathBuf {
    let tree = sandbox.store().scratch("sources").unwrap().join(name);
    common::package_at(&tree, name);
    seal(&tree, owner()).unwrap();
    tree
}

fn sound(tree: &Path) -> Lease {
    match lease(tree).unwrap() {
        Found::Sound(lease) => lease,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn changed(tree: &Path, file: &str) {
    match lease(tree).unwrap() {
        Found::Changed(path) => assert_eq!(path, tree.join(file)),
        other => panic!("{other:?}"),
    }
}

fn remember(file: &Path) -> SystemTime {
    fs::metadata(file).unwrap().modified().unwrap()
}

#[test]
fn a_sealed_tree_cannot_be_written_and_is_what_it_was() {
    let sandbox = Sandbox::new();
    let tree = sandbox.store().scratch("sources").unwrap().join("a");
    assert!(matches!(lease(&tree).unwrap(), Found::Unsealed));
    common::package_at(&tree, "a");
    assert!(matches!(lease(&tree).unwrap(), Found::Unsealed), "nobody said that it is whole");
    let before = picture(&tree);
    let ours = seal(&tree, owner()).unwrap();
    assert_eq!((ours.files(), ours.bytes(), ours.spoilt().unwrap()), (5, common::LIB as u64 + 17, None));
    assert_eq!(picture(&tree), before);
    for file in files(&tree) {
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o222, 0, "{file:?}");
    }
    assert_eq!(sound(&tree).tree(), tree);
}

type Change = fn(&Path);

#[test]
fn every_change_is_seen_whatever_hides_it() {
    let sandbox = Sandbox::new();
    let cases: [(&str, Change); 7] = [
        ("run.sh", |tree| {
            // The same size, the same date.
            let (file, text) = (tree.join("run.sh"), fs::read_to_string(tree.join("run.sh")).unwrap());
            let date = remember(&file);
            fs::set_permissions(&file, Permissions::from_mode(0o750)).unwrap();
            fs::write(&file, text.replace("echo", "ehco")).unwrap();
            fs::set_permissions(&file, Permissions::from_mode(0o550)).unwrap();
            File::open(&file).unwrap().set_modified(date).unwrap();
        }),
        ("lib/nothing", |tree| {
            fs::set_permissions(tree.join("lib/nothing"), Permissions::from_mode(0o555)).unwrap();
        }),
        ("lib/new", |tree| fs::write(tree.join("lib/new"), "").unwrap()),
        ("lib/libx.so.1", |tree| fs::remove_file(tree.join("lib/libx.so.1")).unwrap()),
        ("empty/inner", |tree| fs::remove_dir(tree.join("empty/inner")).unwrap()),
        ("lib/libx.so", |tree| {
            fs::remove_file(tree.join("lib/libx.so")).unwrap();
            std::os::unix::fs::symlink("nothing", tree.join("lib/libx.so")).unwrap();
        }),
        ("lib/up", |tree| {
            fs::remove_file(tree.join("lib/up")).unwrap();
            fs::copy(tree.join("run.sh"), tree.join("lib/up")).unwrap();
        }),
    ];
    for (number, (file, change)) in cases.into_iter().enumerate() {
        let tree = sealed(&sandbox, &number.to_string());
        let during = sound(&tree);
        change(&tree);
        assert_eq!(
            during.spoilt().unwrap(),
            Some(tree.join(file)),
            "a build that uses it sees it at its end"
        );
        drop(during);
        changed(&tree, file);
        assert!(tree.exists(), "looking removes nothing");
    }
    let store = sandbox.store();
    let verified = store.verify(false).unwrap();
    assert_eq!((verified.trees, verified.problems.len()), (7, 7));
    assert!(store.verify(true).unwrap().problems.iter().all(|problem| problem.removed));
    assert_eq!(store.verify(false).unwrap(), store::Verified::default());
}

#[test]
fn what_is_only_touched_or_moved_is_read_once_and_sealed_again() {
    let sandbox = Sandbox::new();
    let tree = sealed(&sandbox, "a");
    let file = tree.join("run.sh");
    File::open(&file).unwrap().set_modified(SystemTime::now()).unwrap();
    drop(sound(&tree));
    assert_ne!(remember(&file), SystemTime::now());
    assert!(
        SystemTime::now().duration_since(remember(&file)).unwrap() > Duration::from_hours(24),
        "sealed anew"
    );

    let there = sandbox.path("elsewhere");
    fs::create_dir(&there).unwrap();
    common::package_at(&there.join("a"), "a");
    fs::rename(tree.with_file_name(".a.stamp"), there.join(".a.stamp")).unwrap();
    assert_eq!(sound(&there.join("a")).spoilt().unwrap(), None);

    fs::write(there.join(".a.stamp"), "garbage").unwrap();
    assert!(matches!(lease(&there.join("a")).unwrap(), Found::Unsealed));

    let during = seal(&tree, owner()).unwrap();
    fs::remove_dir_all(&tree).unwrap();
    assert_eq!(during.spoilt().unwrap(), Some(tree.clone()));
    assert!(
        matches!(lease(&tree).unwrap(), Found::Unsealed),
        "there is nothing that somebody could have changed"
    );
}

#[test]
fn what_is_in_use_is_neither_removed_nor_replaced() {
    let sandbox = Sandbox::new();
    let (store, tree) = (sandbox.store(), sealed(&sandbox, "a"));
    let ours = sound(&tree);
    let gone = store.gc(EVERYTHING, &HashSet::new()).unwrap();
    assert_eq!((gone.removed, gone.in_use), (vec![], vec![What::Tree(tree.clone())]));
    let (waits, told) = channel();
    std::thread::scope(|scope| {
        scope.spawn(|| discard(&tree, move || waits.send(()).unwrap()).unwrap());
        told.recv().unwrap();
        assert!(tree.exists());
        drop(ours);
    });
    assert!(!tree.exists() && !tree.with_file_name(".a.stamp").exists());
    discard(&tree, || panic!("nobody has it")).unwrap();
}

#[test]
fn a_collection_takes_what_nothing_wants() {
    let sandbox = Sandbox::new();
    let store = sandbox.store();
    let [wanted, old] = ["wanted", "old"].map(|name| sealed(&sandbox, name));
    let keep = HashSet::from([wanted.clone()]);
    let recent = Policy { grace: Duration::from_hours(1), ..EVERYTHING };
    assert_eq!(store.gc(recent, &keep).unwrap().removed, []);
    let shown = store.gc(Policy { dry_run: true, ..EVERYTHING }, &keep).unwrap();
    assert!(old.exists());
    let gone = store.gc(EVERYTHING, &keep).unwrap();
    assert_eq!(gone, shown);
    assert_eq!(
        (&gone.removed[0].what, gone.removed[0].reason),
        (&What::Tree(old.clone()), Reason::Unreachable)
    );
    let texts = ["#!/bin/sh\necho old\n", "libx.so.1", "../run.sh"].concat().len();
    assert_eq!((gone.removed.len(), gone.freed), (1, (common::LIB + texts) as u64));
    assert!(wanted.exists() && !old.exists());
}

#[test]
fn an_entry_can_be_restored_for_builds_to_share() {
    let sandbox = Sandbox::new();
    let store: Store = sandbox.store();
    let entry = commit(&store, "dep", &sandbox.package("dep"));
    let place = store.scratch("deps").unwrap().join("dep");
    entry.restore_sealed(&place).unwrap();
    assert_eq!(store::restored_key(&place), Some(key("dep")));
    let inode = |path: &Path| std::os::unix::fs::MetadataExt::ino(&fs::metadata(path).unwrap());
    let (held, first) = (sound(&place), inode(&place));
    assert_eq!(fs::metadata(place.join("run.sh")).unwrap().permissions().mode() & 0o777, 0o555);
    entry.restore_sealed(&place).unwrap();
    assert_eq!((inode(&place), held.changed().unwrap()), (first, None), "what is sound stays");

    drop(held);
    fs::remove_file(place.join("run.sh")).unwrap();
    changed(&place, "run.sh");
    entry.restore_sealed(&place).unwrap();
    assert_eq!(sound(&place).changed().unwrap(), None);
}
