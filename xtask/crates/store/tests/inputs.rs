//! Globs to digests, with and without the stat cache.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

use common::Sandbox;
use store::{Content, Digest, Error, GlobSpec, Inputs, Scan};

fn write(root: &Path, path: &str, text: &str) {
    let full = root.join(path);
    fs::create_dir_all(full.parent().unwrap()).unwrap();
    fs::write(full, text).unwrap();
}

fn hash(root: &Path, cache: &Path, spec: &GlobSpec) -> Inputs {
    let scan = Scan::new(root, cache);
    let inputs = scan.hash(spec).unwrap();
    scan.save().unwrap();
    inputs
}

fn paths(inputs: &Inputs) -> Vec<&str> {
    inputs.files.iter().map(|(path, _)| path.as_str()).collect()
}

#[test]
fn globs_name_files_in_order_and_say_what_they_miss() {
    let sandbox = Sandbox::new();
    let root = sandbox.path("repo");
    for path in [
        "backend/cpp/x/server.cpp",
        "backend/cpp/x/server.h",
        "backend/cpp/x/build/server.o",
        "backend/cpp/x/docs/a.md",
        "backend/cpp/y/server.cpp",
        "backend/backend.proto",
        ".git/config",
        "target/a.cpp",
        "cache/CACHEDIR.TAG",
        "cache/a.cpp",
        "top.cpp",
    ] {
        write(&root, path, path);
    }
    fs::set_permissions(root.join("top.cpp"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("../y", root.join("backend/cpp/x/away")).unwrap();
    symlink("cpp", root.join("backend/linked")).unwrap();

    let spec = GlobSpec::new(
        ["backend/cpp/x/**", "backend/backend.proto", "none/**", "backend/linked/**", "gone.txt"],
        ["**/build/**", "**/*.md"],
    )
    .unwrap();
    let inputs = hash(&root, &sandbox.path("stat"), &spec);
    assert_eq!(
        paths(&inputs),
        ["backend/backend.proto", "backend/cpp/x/away", "backend/cpp/x/server.cpp", "backend/cpp/x/server.h"]
    );
    assert_eq!(inputs.unmatched, ["none/**", "backend/linked/**", "gone.txt"]);
    assert_eq!(inputs.files[1].1, Content::Link { target: "../y".into() });
    let digest = Digest::of(b"backend/backend.proto");
    assert_eq!(inputs.files[0].1, Content::File { digest, executable: false });

    let all = GlobSpec::new(["**/*.cpp"], [""; 0]).unwrap();
    let inputs = hash(&root, &sandbox.path("stat"), &all);
    assert_eq!(paths(&inputs), ["backend/cpp/x/server.cpp", "backend/cpp/y/server.cpp", "top.cpp"]);
    assert!(matches!(inputs.files[2].1, Content::File { executable: true, .. }));
    let listed = Scan::new(&root, &sandbox.path("stat")).collect(&all).unwrap();
    assert_eq!(listed.iter().map(store::RelPath::as_str).collect::<Vec<_>>(), paths(&inputs));
}

#[test]
fn globs_that_leave_the_root_or_are_broken_are_refused() {
    for bad in ["/etc/*", "../x", "a/../b", "a//b", "", "./a", "a[", "a{b", "a}", "a\\*"] {
        assert!(matches!(GlobSpec::new([bad], [""; 0]), Err(Error::Glob { .. })), "{bad}");
    }
}

#[test]
fn a_warm_scan_sees_every_edit() {
    let sandbox = Sandbox::new();
    let (root, cache) = (sandbox.path("repo"), sandbox.path("stat"));
    let spec = GlobSpec::new(["**"], [""; 0]).unwrap();
    write(&root, "a", "one");
    write(&root, "b", "two");
    let digest = |inputs: &Inputs| match &inputs.files[0].1 {
        Content::File { digest, .. } => *digest,
        Content::Link { .. } => panic!("a link"),
    };
    // The same size in quick succession: what git calls racy.
    for text in ["one", "two", "six", "ten", "one"] {
        write(&root, "a", text);
        assert_eq!(digest(&hash(&root, &cache, &spec)), Digest::of(text.as_bytes()));
    }
    // The old date put back: the change still shows in ctime.
    let long_ago = SystemTime::now() - Duration::from_secs(9999);
    for text in ["new", "old"] {
        write(&root, "a", text);
        fs::File::options().write(true).open(root.join("a")).unwrap().set_modified(long_ago).unwrap();
        assert_eq!(digest(&hash(&root, &cache, &spec)), Digest::of(text.as_bytes()));
    }
    // From the future, as after a clock set back: never trusted.
    let future = SystemTime::now() + Duration::from_secs(9999);
    for text in ["abc", "abd"] {
        write(&root, "a", text);
        fs::File::options().write(true).open(root.join("a")).unwrap().set_modified(future).unwrap();
        assert_eq!(digest(&hash(&root, &cache, &spec)), Digest::of(text.as_bytes()));
    }
}
