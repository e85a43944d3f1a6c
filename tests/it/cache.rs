//! The cache commands, and caches that cannot be used.

use crate::checkout::{Checkout, ran};
use serde_json::Value;
use std::fs;

#[test]
fn an_empty_cache_is_sound() {
    let checkout = Checkout::new();
    assert_eq!(checkout.out(&["cache", "path"]).trim(), checkout.cache.to_str().unwrap());
    assert_eq!(checkout.out(&["cache", "ls", "--json"]).trim(), "[]");
    let stat: Value = serde_json::from_str(&checkout.out(&["cache", "stat", "--json"])).unwrap();
    assert_eq!((&stat["packages"], &stat["bytes"]), (&0.into(), &0.into()));
    assert!(checkout.run(&["cache", "verify"]).err.contains("sound: 0 packages"));
}

#[test]
fn a_package_is_listed_measured_verified_and_collected() {
    let checkout = Checkout::new();
    checkout.pretend_built("llama-cpp");
    let key = checkout.hash(&["llama-cpp"]);
    let list: Value = serde_json::from_str(&checkout.out(&["cache", "ls", "--json"])).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!((&list[0]["key"], &list[0]["built_in_seconds"]), (&key.as_str().into(), &90.0.into()));
    assert!(checkout.out(&["cache", "ls"]).starts_with(&key[..12]));

    let collect = ["cache", "gc", "--budget", "0", "--grace", "0s"];
    let dry: Vec<&str> = collect.into_iter().chain(["--dry-run"]).collect();
    assert!(checkout.run(&dry).err.contains("would free"));
    assert!(checkout.run(&["cache", "verify"]).err.contains("sound: 1 packages"));
    checkout.out(&collect);
    assert_eq!(checkout.out(&["cache", "ls", "--json"]).trim(), "[]");
}

#[test]
fn damage_is_found_and_removed() {
    let checkout = Checkout::new();
    checkout.pretend_built("llama-cpp");
    let blob = walkdir::WalkDir::new(checkout.cache.join("v1/blobs"))
        .into_iter()
        .flatten()
        .find(|entry| entry.file_type().is_file())
        .unwrap()
        .into_path();
    fs::remove_file(&blob).unwrap();
    fs::write(&blob, "#!/bin/SH\n").unwrap();
    let found = checkout.run(&["cache", "verify"]);
    assert_eq!(found.code, 4, "{found:?}");
    assert!(found.err.contains(blob.file_name().unwrap().to_str().unwrap()), "{found:?}");
    assert!(found.err.contains("--evict"), "{found:?}");
    assert_eq!(checkout.run(&["cache", "verify", "--evict"]).code, 4);
    assert_eq!(checkout.run(&["cache", "verify"]).code, 0);
}

#[test]
fn a_cache_of_a_newer_version_is_left_alone() {
    let checkout = Checkout::new();
    checkout.out(&["cache", "stat"]);
    let marker = checkout.cache.join("v1/format");
    let newer = fs::read_to_string(&marker).unwrap().replace('1', "2");
    fs::write(&marker, &newer).unwrap();
    for args in [&["cache", "stat"][..], &["hash", "llama-cpp"], &["build-backend", "llama-cpp"]] {
        let ran = checkout.run(args);
        assert_eq!(ran.code, 1, "{args:?}: {ran:?}");
        assert!(ran.err.contains("update the program or choose another cache directory"), "{ran:?}");
    }
    assert_eq!(fs::read_to_string(&marker).unwrap(), newer);
}

#[test]
fn a_cache_that_is_a_file_is_said_so() {
    let checkout = Checkout::new();
    fs::write(&checkout.cache, "").unwrap();
    let ran = checkout.run(&["hash", "llama-cpp"]);
    assert_eq!(ran.code, 1);
    let cache = checkout.cache.to_str().unwrap();
    assert!(ran.err.contains(cache) && ran.err.contains("XTASK_CACHE_DIR"), "{ran:?}");
}

#[test]
fn where_the_cache_is() {
    let checkout = Checkout::new();
    let path = |edit: &dyn Fn(&mut std::process::Command)| {
        let mut command = checkout.command(&["cache", "path"]);
        command.env_remove("XTASK_CACHE_DIR");
        edit(&mut command);
        ran(&mut command)
    };
    let home = checkout.home.to_str().unwrap();
    if cfg!(target_os = "linux") {
        assert_eq!(path(&|_| ()).out.trim(), format!("{home}/.cache/inference-backends"));
        let xdg = path(&|c| {
            c.env("XDG_CACHE_HOME", "/var/tmp");
        });
        assert_eq!(xdg.out.trim(), "/var/tmp/inference-backends");
        let relative = path(&|c| {
            c.env("XDG_CACHE_HOME", "relative");
        });
        assert_eq!(
            relative.out.trim(),
            format!("{home}/.cache/inference-backends"),
            "the standard wants it ignored"
        );
    }
    let own = path(&|c| {
        c.env("XTASK_CACHE_DIR", "here");
    });
    assert_eq!(own.out.trim(), checkout.root.join("here").to_str().unwrap());
    let none = path(&|c| {
        c.env_remove("HOME");
    });
    assert_eq!(none.code, 1);
    assert!(none.err.contains("HOME is not set") && none.err.contains("XTASK_CACHE_DIR"), "{none:?}");
    // What needs no cache needs no home.
    assert_eq!(ran(checkout.command(&["list"]).env_remove("HOME").env_remove("XTASK_CACHE_DIR")).code, 0);
}

/// What a killed build leaves: a directory, and a lock that nobody holds.
fn leave(work: &std::path::Path) -> std::path::PathBuf {
    let left = work.join("0123456789abcdef");
    fs::create_dir_all(left.join("native")).unwrap();
    fs::write(left.join("native/object.o"), vec![1; 3 << 20]).unwrap();
    fs::write(work.join(".0123456789abcdef.lock"), "1\n").unwrap();
    left
}

#[test]
fn what_killed_builds_left_is_counted_and_collected() {
    let checkout = Checkout::new();
    let work = checkout.cache.join("v1/scratch/work");
    let own = checkout.root.join("target/xtask-scratch/work");
    let left = leave(&work);
    let stat: Value = serde_json::from_str(&checkout.out(&["cache", "stat", "--json"])).unwrap();
    assert_eq!(stat["reclaimable"], 3 << 20);
    let dry = checkout.run(&["cache", "gc", "--dry-run"]);
    assert!(dry.err.contains("0123456789abcdef · 3.00 MiB · its writer is gone"), "{dry:?}");
    assert!(checkout.run(&["cache", "gc"]).err.contains("freed 3.00 MiB") && !left.exists());

    let (left, in_checkout) = (leave(&work), leave(&own));
    let dry = checkout.run(&["clean", "--dry-run"]);
    assert!(left.exists() && dry.err.contains(left.to_str().unwrap()), "{dry:?}");
    checkout.out(&["clean"]);
    assert!(!left.exists() && !in_checkout.exists() && !own.exists());
    assert_eq!(fs::read_dir(&work).unwrap().count(), 0);
}

#[test]
fn clean_leaves_what_is_being_built() {
    let checkout = Checkout::new();
    let packages = checkout.root.join("target/backends");
    for unit in ["done.cpu.linux-amd64", "busy.cpu.linux-amd64"] {
        fs::create_dir_all(packages.join(unit).join("logs")).unwrap();
    }
    let work = checkout.cache.join("v1/scratch/work");
    let busy = leave(&work);
    let own = leave(&checkout.root.join("target/xtask-scratch/work"));
    let held = [
        packages.join(".busy.cpu.linux-amd64.lock"),
        work.join(".0123456789abcdef.lock"),
        own.with_file_name(".0123456789abcdef.lock"),
    ]
    .map(|lock| {
        let file = fs::File::create(lock).unwrap();
        file.lock().unwrap();
        file
    });
    let cleaned = checkout.run(&["clean"]);
    assert_eq!(cleaned.code, 0, "{cleaned:?}");
    assert!(cleaned.err.contains("busy.cpu.linux-amd64 stays: a build is at work there"), "{cleaned:?}");
    assert!(
        !packages.join("done.cpu.linux-amd64").exists() && packages.join("busy.cpu.linux-amd64").exists()
    );
    assert!(busy.exists() && own.exists());
    drop(held);
    checkout.out(&["clean"]);
    assert!(!packages.exists() && !busy.exists() && !own.exists());
}
