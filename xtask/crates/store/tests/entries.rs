//! Commit, look up, restore, notice changes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use common::{Sandbox, commit, files, key, meta, picture};
use store::{Error, Reserved, Store, restored_key};

#[test]
fn what_was_committed_comes_back() {
    let sandbox = Sandbox::new();
    let (store, built) = (sandbox.store(), sandbox.package("a"));
    let entry = commit(&store, "a", &built);
    assert_eq!(entry.key_document().unwrap(), b"a");
    drop(entry);

    let Reserved::Hit(entry) = store.reserve(&key("a"), |_| {}).unwrap() else { panic!("no hit") };
    let dest = sandbox.path("out/package");
    let restored = entry.restore(&dest).unwrap();
    assert_eq!(restored.files, 3);
    assert_eq!(picture(&dest), picture(&built));
    assert_eq!(fs::metadata(dest.join("run.sh")).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(fs::metadata(&dest).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(entry.tree().unit, "a");
    let beside: Vec<_> =
        fs::read_dir(sandbox.path("out")).unwrap().map(|item| item.unwrap().file_name()).collect();
    assert_eq!(beside.len(), 2, "the package and its stamp: {beside:?}");
    assert!(fs::read_dir(store.path().join("tmp")).unwrap().next().is_none());
    assert!(fs::read_dir(store.path().join("locks")).unwrap().next().is_none());
}

#[test]
fn equal_files_are_stored_once_and_an_output_is_no_link_to_them() {
    let sandbox = Sandbox::new();
    let store = sandbox.store();
    commit(&store, "a", &sandbox.package("a"));
    let one = files(&store.path().join("blobs")).len();
    let entry = commit(&store, "b", &sandbox.package("b"));
    assert_eq!(files(&store.path().join("blobs")).len(), one + 1, "only run.sh differs");

    let dest = sandbox.path("package");
    entry.restore(&dest).unwrap();
    fs::write(dest.join("lib/libx.so.1"), "edited by hand").unwrap();
    entry.restore(&sandbox.path("again")).unwrap();
}

#[test]
fn a_reservation_that_is_dropped_leaves_nothing() {
    let sandbox = Sandbox::new();
    let store = sandbox.store();
    let before = picture(store.path());
    let Reserved::Vacant(reservation) = store.reserve(&key("a"), |_| {}).unwrap() else { panic!("a hit") };
    assert_ne!(picture(store.path()), before, "the lock");
    drop(reservation);
    assert_eq!(picture(store.path()), before);
}

#[test]
fn any_change_of_a_restored_tree_is_seen() {
    type Edit = fn(&std::path::Path);

    let sandbox = Sandbox::new();
    let store = sandbox.store();
    let entry = commit(&store, "a", &sandbox.package("a"));
    let dest = sandbox.path("package");
    assert_eq!(restored_key(&dest), None);

    let edits: [(&str, Edit); 9] = [
        ("same size", |dest| fs::write(dest.join("run.sh"), "#!/bin/sh\necho b\n").unwrap()),
        ("mode", |dest| {
            fs::set_permissions(dest.join("run.sh"), fs::Permissions::from_mode(0o644)).unwrap();
        }),
        ("removed", |dest| fs::remove_file(dest.join("lib/nothing")).unwrap()),
        ("added", |dest| fs::write(dest.join("lib/new"), "").unwrap()),
        ("added at the root", |dest| fs::write(dest.join("new"), "").unwrap()),
        ("added to an empty directory", |dest| fs::write(dest.join("empty/inner/new"), "").unwrap()),
        ("link", |dest| {
            fs::remove_file(dest.join("lib/up")).unwrap();
            symlink("../RUN.sh", dest.join("lib/up")).unwrap();
        }),
        ("stamp", |dest| {
            let stamp = dest.with_file_name(".package.stamp");
            let mut bytes = fs::read(&stamp).unwrap();
            bytes[60] ^= 1;
            fs::write(&stamp, bytes).unwrap();
        }),
        ("gone", |dest| fs::remove_dir_all(dest).unwrap()),
    ];
    for (name, edit) in edits {
        entry.restore(&dest).unwrap();
        assert!(entry.is_restored_at(&dest), "before {name}");
        edit(&dest);
        assert!(!entry.is_restored_at(&dest), "after {name}");
    }
    let other = commit(&store, "b", &sandbox.package("b"));
    entry.restore(&dest).unwrap();
    other.restore(&dest).unwrap();
    assert_eq!(restored_key(&dest), Some(key("b")));
    assert!(!entry.is_restored_at(&dest));
}

#[test]
fn a_damaged_blob_is_named_evicted_and_built_again() {
    let sandbox = Sandbox::new();
    let (store, built) = (sandbox.store(), sandbox.package("a"));
    let entry = commit(&store, "a", &built);
    let dest = sandbox.path("package");
    entry.restore(&dest).unwrap();
    let before = picture(&dest);

    let largest =
        files(&store.path().join("blobs")).into_iter().max_by_key(|path| fs::metadata(path).unwrap().len());
    let largest = largest.unwrap();
    let mut bytes = fs::read(&largest).unwrap();
    bytes[common::LIB / 2] ^= 1;
    fs::remove_file(&largest).unwrap();
    fs::write(&largest, bytes).unwrap();

    let error = entry.restore(&dest).unwrap_err();
    assert!(
        matches!(&error, Error::Corrupt { file, evicted: true, .. } if file == "lib/libx.so.1"),
        "{error}"
    );
    assert_eq!(picture(&dest), before, "the old package stays");
    assert!(entry.is_restored_at(&dest), "and is still known");
    assert!(!largest.exists());

    commit(&store, "a", &built).restore(&dest).unwrap();
    assert_eq!(picture(&dest), before);
}

#[test]
fn an_evicted_entry_is_made_again() {
    let sandbox = Sandbox::new();
    let (store, built) = (sandbox.store(), sandbox.package("a"));
    store.evict(&key("a")).unwrap();
    commit(&store, "a", &built);
    store.evict(&key("a")).unwrap();
    assert!(store.lookup(&key("a")).unwrap().is_none());
    commit(&store, "a", &built).restore(&sandbox.path("package")).unwrap();
}

#[test]
fn links_that_leave_the_tree_and_odd_files_are_refused() {
    let sandbox = Sandbox::new();
    let store = sandbox.store();
    for (name, target) in [("abs", "/etc/passwd"), ("up", "../x"), ("lib/far", "../../x")] {
        let built = sandbox.package(&name.replace('/', "-"));
        symlink(target, built.join(name)).unwrap();
        let Reserved::Vacant(reservation) = store.reserve(&key(name), |_| {}).unwrap() else {
            panic!("a hit")
        };
        let error = reservation.commit(&built, b"", meta(name)).unwrap_err();
        assert!(matches!(&error, Error::Unstorable { path, .. } if path.ends_with(name)), "{error}");
    }
    let built = sandbox.package("socket");
    let _socket = std::os::unix::net::UnixListener::bind(built.join("s")).unwrap();
    let Reserved::Vacant(reservation) = store.reserve(&key("s"), |_| {}).unwrap() else { panic!("a hit") };
    assert!(matches!(reservation.commit(&built, b"", meta("s")), Err(Error::Unstorable { .. })));
    assert!(files(&store.path().join("entries")).is_empty());
}

/// Every digest of a forged document is right: only whose cache it is tells that nobody here made it.
#[test]
fn what_somebody_else_forged_is_restored_by_nobody() {
    let sandbox = Sandbox::new();
    let (name, cache) = (key("a"), sandbox.path("cache"));
    let store = sandbox.store();
    drop(commit(&store, "a", &sandbox.package("a")));
    let mut forged = commit(&store, "b", &sandbox.package("forged")).tree().clone();
    forged.key = name;
    let document = store.path().join("entries").join(name.to_string()).join("tree.json");
    fs::write(document, forged.to_bytes()).unwrap();
    let dest = sandbox.path("package");
    store.lookup(&name).unwrap().unwrap().restore(&dest).unwrap();
    let restored = fs::read_to_string(dest.join("run.sh")).unwrap();
    assert!(restored.contains("forged"), "who owns a cache may have it hold anything");
    drop(store);
    let mut dirs = vec![cache.clone()];
    while let Some(dir) = dirs.pop() {
        if std::os::unix::fs::chown(&dir, Some(4242), None).is_err() {
            return; // Nobody but root can give a cache away.
        }
        dirs.extend(
            fs::read_dir(&dir).unwrap().map(|item| item.unwrap().path()).filter(|path| path.is_dir()),
        );
    }
    fs::remove_dir_all(&dest).unwrap();
    for opened in [Store::open(&cache), Store::look(&cache)] {
        assert!(matches!(opened, Err(Error::Foreign { owner: 4242, .. })), "{opened:?}");
    }
    assert!(!dest.exists());
}

#[test]
fn a_file_or_link_at_the_place_is_not_replaced() {
    let sandbox = Sandbox::new();
    let entry = commit(&sandbox.store(), "a", &sandbox.package("a"));
    fs::write(sandbox.path("file"), "mine").unwrap();
    symlink("nowhere", sandbox.path("link")).unwrap();
    for name in ["file", "link"] {
        assert!(matches!(entry.restore(&sandbox.path(name)), Err(Error::Unstorable { .. })));
    }
    assert_eq!(fs::read(sandbox.path("file")).unwrap(), b"mine");
}
