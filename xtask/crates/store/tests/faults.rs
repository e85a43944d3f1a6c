//! Damage, a full disk, a read-only directory, a newer version: the store stays sound and says what happened.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test"
)]

mod common;

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Sandbox, commit, files, key, meta, package_at, parents_sandbox, picture, role};
use store::{All, Entry, Error, GlobSpec, Policy, Reserved, Scan, Store};

/// Everything that a store does for one unit; builds where it must and reports what it was told.
fn use_it(sandbox: &Path) -> Result<Vec<String>, Error> {
    let (repo, built, place) = (sandbox.join("repo"), sandbox.join("built"), sandbox.join("out/package"));
    let store = Store::open(&sandbox.join("cache"))?;
    let mut told = Vec::new();

    let scan = Scan::new(&repo, &store.stat_cache(&repo), Box::new(All));
    told.extend(scan.ignored().map(|why| why.to_string()));
    let inputs = scan.hash(&GlobSpec::new(["**"], [""; 0])?)?;
    assert_eq!(
        inputs.files,
        Scan::new(&repo, Path::new("/nonexistent"), Box::new(All))
            .hash(&GlobSpec::new(["**"], [""; 0])?)?
            .files
    );
    scan.save()?;

    let make = |told: &mut Vec<String>| -> Result<Entry, Error> {
        match store.reserve(&key("a"), |_| {})? {
            Reserved::Hit(entry) => Ok(entry),
            Reserved::Vacant(vacant) => {
                told.extend(vacant.evicted().map(ToString::to_string));
                told.push("built".into());
                vacant.commit(&built, b"document", meta("a"))
            }
        }
    };
    let mut entry = make(&mut told)?;
    if let Err(error) = entry.key_document() {
        told.push(error.to_string());
        entry = make(&mut told)?;
    }
    if !entry.is_restored_at(&place) {
        told.push("restored".into());
        if let Err(error) = entry.restore(&place) {
            told.push(error.to_string());
            make(&mut told)?.restore(&place)?;
        }
    }
    store.set_last("unit", key("a"))?;
    Ok(told)
}

fn prepare(sandbox: &Sandbox) {
    let repo = sandbox.path("repo");
    fs::create_dir_all(&repo).unwrap();
    for name in ["a.c", "b.c"] {
        fs::write(repo.join(name), name).unwrap();
    }
    package_at(&sandbox.path("built"), "a");
    // Until no input is racy any more, the stat cache does not record all of them.
    let written = Instant::now();
    while written.elapsed() < Duration::from_millis(100) {
        use_it(sandbox.dir.path()).unwrap();
    }
    use_it(sandbox.dir.path()).unwrap();
    assert_eq!(use_it(sandbox.dir.path()).unwrap(), [""; 0], "all known");
}

#[test]
fn a_flipped_byte_anywhere_is_noticed_and_mended() {
    let sandbox = Sandbox::new();
    prepare(&sandbox);
    let (root, place) = (sandbox.dir.path(), sandbox.path("out/package"));
    let whole = picture(&sandbox.path("built"));
    let mut kinds = BTreeSet::new();
    let targets: Vec<PathBuf> =
        files(&sandbox.path("cache")).into_iter().chain([sandbox.path("out/.package.stamp")]).collect();
    for path in targets {
        let good = fs::read(&path).unwrap();
        let kind =
            path.strip_prefix(root).unwrap().components().nth(2).map(|part| part.as_os_str().to_owned());
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let kind = kind.map_or("stamp".into(), |kind| kind.to_string_lossy().into_owned());
        let kind = if kind == "entries" { name.clone() } else { kind };
        if good.is_empty() {
            continue;
        }
        for at in [0, good.len() / 3, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            replace(&path, &bad);
            // A damaged blob is read only when it is restored.
            if kind == "blobs" {
                fs::remove_dir_all(&place).unwrap();
            }
            match kind.as_str() {
                "format" => {
                    let error = use_it(root).unwrap_err();
                    assert!(matches!(error, Error::Marker { .. } | Error::Newer { .. }), "{error}");
                    replace(&path, &good);
                }
                "CACHEDIR.TAG" | "lock" | "kept" => {
                    assert_eq!(use_it(root).unwrap(), [""; 0], "{name}: no content");
                }
                "last" => assert_eq!(use_it(root).unwrap(), [""; 0]),
                _ => assert!(!use_it(root).unwrap().is_empty(), "{kind} {name} at {at}: not noticed"),
            }
            assert_eq!(picture(&place), whole, "{kind} {name} at {at}");
            assert_eq!(use_it(root).unwrap(), [""; 0], "{kind} {name} at {at}: not mended");
            kinds.insert(kind.clone());
        }
    }
    let expected = ["CACHEDIR.TAG", "blobs", "format", "key.json", "last", "stamp", "stat", "tree.json"];
    assert_eq!(kinds.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    assert_eq!(sandbox.store().verify(false).unwrap().problems, []);
}

fn replace(path: &Path, bytes: &[u8]) {
    // Not in place: nothing may keep the old file mapped or open.
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn verify_names_damage_and_evicts_on_demand() {
    let sandbox = Sandbox::new();
    let store = sandbox.store();
    for name in ["a", "b", "c"] {
        commit(&store, name, &sandbox.package(name));
    }
    let entry = |name: &str| store.path().join("entries").join(key(name).to_string());
    replace(&entry("a").join("tree.json"), b"{}");
    replace(&entry("b").join("key.json"), b"other");
    let shared = files(&store.path().join("blobs"))
        .into_iter()
        .max_by_key(|path| fs::metadata(path).unwrap().len())
        .unwrap();
    replace(&shared, b"other");
    let found = store.verify(false).unwrap();
    let faults: Vec<_> = found.problems.iter().map(|problem| (problem.file.clone(), problem.entry)).collect();
    for fault in [
        (shared.clone(), None),
        (shared, Some(key("c"))),
        (entry("a").join("tree.json"), Some(key("a"))),
        (entry("b").join("key.json"), Some(key("b"))),
    ] {
        assert!(faults.contains(&fault), "{fault:?} in {faults:?}");
    }
    assert!(found.problems.iter().all(|problem| !problem.removed));
    assert_eq!(store.verify(true).unwrap().problems.iter().filter(|problem| problem.removed).count(), 4);
    assert_eq!((store.verify(false).unwrap().problems.len(), store.ls().unwrap().len()), (0, 0));
}

#[test]
fn a_directory_that_was_tidied_away_comes_back() {
    let sandbox = Sandbox::new();
    prepare(&sandbox);
    let (root, store) = (sandbox.dir.path(), sandbox.path("cache/v1"));
    let whole = picture(&sandbox.path("built"));
    let dirs = |store: &Path| -> BTreeSet<PathBuf> {
        let items = fs::read_dir(store).unwrap().map(|item| item.unwrap().path());
        items.filter(|path| path.is_dir()).collect()
    };
    let all = dirs(&store);
    assert!(all.len() >= 6 && all.contains(&store.join("locks")), "{all:?}");
    for (number, dir) in all.iter().enumerate() {
        fs::remove_dir_all(dir).unwrap();
        use_it(root).unwrap_or_else(|error| panic!("without {}: {error}", dir.display()));
        assert_eq!(picture(&sandbox.path("out/package")), whole);
        // What is new is kept as if nothing had been.
        drop(fs::remove_dir_all(dir));
        let store = Store::open(&sandbox.path("cache")).unwrap();
        let name = format!("new {number}");
        commit(&store, &name, &sandbox.path("built")).restore(&sandbox.path("out/new")).unwrap();
        drop(fs::remove_dir_all(dir));
        store.evict(&key(&name)).unwrap();
        store
            .gc(Policy { budget: u64::MAX, grace: Duration::ZERO, dry_run: false }, &HashSet::new())
            .unwrap();
        use_it(root).unwrap();
        assert_eq!(use_it(root).unwrap(), [""; 0], "{}", dir.display());
        // Contents that went with their directory are missed as any others are.
        let lost = store.verify(true).unwrap().problems;
        assert!(lost.is_empty() || dir.ends_with("blobs"), "{}: {lost:?}", dir.display());
        use_it(root).unwrap();
        assert_eq!(store.verify(false).unwrap().problems, []);
    }
}

#[test]
fn a_cache_from_a_newer_version_is_left_as_it_is() {
    let sandbox = Sandbox::new();
    commit(&sandbox.store(), "a", &sandbox.package("a"));
    replace(&sandbox.path("cache/v1/format"), b"xtask store format 12\n");
    let before = picture(&sandbox.path("cache"));
    let error = Store::open(&sandbox.path("cache")).unwrap_err();
    assert!(error.to_string().contains("format 12, this program knows up to 1"), "{error}");
    assert_eq!(picture(&sandbox.path("cache")), before);
}

/// Runs a role in its own mount namespace, after a line of shell that mounts something there.
fn in_namespace(name: &str, sandbox: &Sandbox, mount: &str) {
    let inner = role(name, sandbox.dir.path());
    let am_root =
        fs::metadata("/proc/self").is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0);
    let mut outer = Command::new("unshare");
    outer.args(if am_root { ["-m", "--propagation=private"].as_slice() } else { ["-r", "-m"].as_slice() });
    outer
        .args(["sh", "-ec", &format!("{mount}\nexec \"$@\""), "sh"])
        .arg(inner.get_program())
        .args(inner.get_args());
    outer.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output =
        outer.current_dir(sandbox.dir.path()).stdin(Stdio::null()).output().expect("`unshare` of util-linux");
    assert!(
        output.status.success(),
        "this test needs root or user namespaces to mount a small file system:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_saves_nothing_and_loses_nothing() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("small")).unwrap();
    package_at(&sandbox.path("a"), "a");
    package_at(&sandbox.path("b"), "b");
    fs::write(sandbox.path("b/large"), vec![1; 3 << 20]).unwrap();
    in_namespace("full", &sandbox, "mount -t tmpfs -o size=2m none small");
}

#[test]
#[cfg(target_os = "linux")]
fn a_read_only_store_serves_hits_and_says_that_it_saves_nothing() {
    let sandbox = Sandbox::new();
    prepare(&sandbox);
    fs::create_dir(sandbox.path("empty")).unwrap();
    let read_only = |dir: &str| format!("mount --bind {dir} {dir}; mount -o remount,bind,ro {dir}");
    in_namespace("read-only", &sandbox, &format!("{}\n{}", read_only("cache"), read_only("empty")));
}

#[test]
#[ignore = "run by the tests above, in a mount namespace of its own"]
fn child() {
    let Ok(name) = std::env::var(common::ROLE) else { return };
    let sandbox = parents_sandbox();
    match name.as_str() {
        "full" => full(&sandbox),
        "read-only" => read_only(&sandbox),
        other => panic!("{other}"),
    }
}

fn full(sandbox: &Path) {
    let store = Store::open(&sandbox.join("small/cache")).unwrap();
    let entry = commit(&store, "a", &sandbox.join("a"));
    let before = picture(store.path());

    let Reserved::Vacant(vacant) = store.reserve(&key("b"), |_| {}).unwrap() else { panic!("a hit") };
    let error = vacant.commit(&sandbox.join("b"), b"", meta("b")).unwrap_err();
    assert!(matches!(error, Error::NoSpace { .. }), "{error}");
    assert!(error.to_string().contains("no space left; free some"), "{error}");
    assert_eq!(fs::read_dir(store.path().join("tmp")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(store.path().join("locks")).unwrap().count(), 0);
    assert_eq!(store.verify(false).unwrap().problems, []);
    assert_eq!(picture(&store.path().join("entries")).len(), 3, "entry a: {before:?}");

    // A restore to a full disk leaves the package that is there.
    let place = sandbox.join("small/package");
    fs::create_dir(&place).unwrap();
    fs::write(place.join("old"), "old").unwrap();
    let mut filler = fs::File::create(sandbox.join("small/filler")).unwrap();
    while filler.write_all(&[0; 4096]).is_ok() {}
    let error = entry.restore(&place).unwrap_err();
    assert!(matches!(error, Error::NoSpace { .. }), "{error}");
    assert_eq!(fs::read(place.join("old")).unwrap(), b"old");
    assert_eq!(fs::read_dir(sandbox.join("small")).unwrap().count(), 3, "cache, filler, package");

    // Room again: all goes on as if nothing had been.
    filler.set_len(0).unwrap();
    entry.restore(&place).unwrap();
    assert_eq!(picture(&place), picture(&sandbox.join("a")));
}

fn read_only(sandbox: &Path) {
    let error = Store::open(&sandbox.join("empty")).unwrap_err();
    assert!(error.is_read_only(), "{error}");

    let store = Store::open(&sandbox.join("cache")).unwrap();
    let Reserved::Hit(entry) = store.reserve(&key("a"), |_| {}).unwrap() else { panic!("no hit") };
    let place = sandbox.join("other");
    entry.restore(&place).unwrap();
    assert_eq!(picture(&place), picture(&sandbox.join("built")));
    assert!(entry.is_restored_at(&place));
    assert_eq!(store.last("unit").unwrap().unwrap().key, key("a"));
    assert_eq!(store.verify(true).unwrap().problems, []);

    let scan = Scan::new(&sandbox.join("repo"), &store.stat_cache(&sandbox.join("repo")), Box::new(All));
    assert_eq!(scan.hash(&GlobSpec::new(["**"], [""; 0]).unwrap()).unwrap().files.len(), 2);
    scan.save().unwrap();

    let Reserved::Vacant(vacant) = store.reserve(&key("b"), |_| {}).unwrap() else { panic!("a hit") };
    let gc = store::Policy { budget: 0, grace: Duration::ZERO, dry_run: false };
    for (what, error) in [
        ("commit", vacant.commit(&sandbox.join("built"), b"", meta("b")).unwrap_err()),
        ("evict", store.evict(&key("a")).unwrap_err()),
        ("set_last", store.set_last("unit", key("b")).unwrap_err()),
        ("scratch", store.scratch("new").unwrap_err()),
        ("gc", store.gc(gc, &HashSet::new()).unwrap_err()),
    ] {
        assert!(error.is_read_only(), "{what}: {error}");
    }
}
