//! Globs to digests, with and without the stat cache.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

use common::Sandbox;
use model::digest::Digest;
use store::{All, Belonging, Content, Error, GlobSpec, Inputs, Scan, Unknown};

fn write(root: &Path, path: &str, text: &str) {
    let full = root.join(path);
    fs::create_dir_all(full.parent().unwrap()).unwrap();
    fs::write(full, text).unwrap();
}

fn hash(root: &Path, cache: &Path, spec: &GlobSpec) -> Inputs {
    let scan = Scan::new(root, cache, Box::new(All));
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
    let listed = Scan::new(&root, &sandbox.path("stat"), Box::new(All)).collect(&all).unwrap();
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

/// Belongs what has no `o` in its path.
#[derive(Debug)]
struct WithoutO;

impl Belonging for WithoutO {
    fn has(&self, path: &str) -> Result<bool, Unknown> {
        if path.contains("unknown") { Err("nobody knows".into()) } else { Ok(!path.contains('o')) }
    }

    fn reaches(&self, directory: &str) -> Result<bool, Unknown> {
        Ok(!directory.contains('o'))
    }
}

#[test]
fn only_what_belongs_to_the_tree_or_is_generated_is_an_input() {
    let sandbox = Sandbox::new();
    let root = sandbox.path("repo");
    for path in ["a/x.c", "a/o.c", "a/o/x.c", "a/gone.h", "lone.txt", "b.txt"] {
        write(&root, path, path);
    }
    let scan = Scan::new(&root, &sandbox.path("stat"), Box::new(WithoutO));
    let spec = |generated: &[&str]| {
        GlobSpec::new(["a/**", "lone.txt", "b.txt"], ["**/*.h"])
            .unwrap()
            .generated(generated.to_vec())
            .unwrap()
    };
    let of = |spec: &GlobSpec| paths(&scan.hash(spec).unwrap()).join(" ");
    assert_eq!(of(&spec(&[])), "a/x.c b.txt");
    assert_eq!(
        of(&spec(&["a/o/**", "lone.txt", "a/*.h"])),
        "a/o/x.c a/x.c b.txt lone.txt",
        "an exclude counts"
    );
    assert!(spec(&["a/o/**"]).matches("a/o/x.c") && spec(&["z/**"]).reaches("z"));
    assert_eq!(scan.hash(&spec(&["none/**"])).unwrap().unmatched, ["lone.txt"]);
    write(&root, "a/unknown.c", "");
    let scan = Scan::new(&root, &sandbox.path("stat"), Box::new(WithoutO));
    assert!(scan.hash(&spec(&[])).unwrap_err().to_string().contains("nobody knows"));
}

#[test]
fn a_file_that_goes_between_listing_and_reading_is_no_input() {
    let sandbox = Sandbox::new();
    let root = sandbox.path("repo");
    write(&root, "a/kept.cpp", "kept");
    write(&root, "a/kept.cpp.swp", "an editor's");
    symlink("kept.cpp", root.join("a/link")).unwrap();
    let spec = GlobSpec::new(["a/**"], [""; 0]).unwrap();
    let scan = Scan::new(&root, &sandbox.path("stat"), Box::new(All));
    // A scan lists a directory once.
    assert_eq!(scan.collect(&spec).unwrap().len(), 3);
    fs::remove_file(root.join("a/kept.cpp.swp")).unwrap();
    fs::remove_file(root.join("a/link")).unwrap();
    assert_eq!(paths(&scan.hash(&spec).unwrap()), ["a/kept.cpp"]);
}

#[test]
fn a_name_that_is_not_utf_8_is_no_input_and_is_told() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::new();
    let root = sandbox.path("repo");
    write(&root, "a/x.c", "");
    let odd = root.join("a").join(std::ffi::OsStr::from_bytes(b"\xff.c"));
    fs::write(&odd, "").unwrap();
    let scan = Scan::new(&root, &sandbox.path("stat"), Box::new(All));
    assert_eq!(paths(&scan.hash(&GlobSpec::new(["a/**"], [""; 0]).unwrap()).unwrap()), ["a/x.c"]);
    assert_eq!(scan.unnamed(), [odd]);
}

#[test]
fn a_copy_is_what_was_hashed_or_says_what_is_not() {
    let sandbox = Sandbox::new();
    let root = sandbox.path("repo");
    for path in ["a/same", "a/edited", "a/gone", "a/runnable", "a/was-a-file"] {
        write(&root, path, path);
    }
    symlink("same", root.join("a/link")).unwrap();
    symlink("same", root.join("a/other")).unwrap();
    let inputs = hash(&root, &sandbox.path("stat"), &GlobSpec::new(["a/**"], [""; 0]).unwrap());
    let staged = |name: &str| store::stage(&root, &inputs.files, &sandbox.path(name)).unwrap();
    assert!(staged("before").is_empty());
    assert_eq!(fs::read_to_string(sandbox.path("before").join("a/edited")).unwrap(), "a/edited");
    assert_eq!(fs::read_link(sandbox.path("before").join("a/link")).unwrap(), Path::new("same"));

    write(&root, "a/edited", "a/editeD");
    write(&root, "a/new", "is of another key");
    fs::remove_file(root.join("a/gone")).unwrap();
    fs::set_permissions(root.join("a/runnable"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::remove_file(root.join("a/other")).unwrap();
    symlink("edited", root.join("a/other")).unwrap();
    fs::remove_file(root.join("a/was-a-file")).unwrap();
    symlink("same", root.join("a/was-a-file")).unwrap();
    let changed: Vec<String> = staged("after").iter().map(ToString::to_string).collect();
    assert_eq!(changed, ["a/edited", "a/gone", "a/other", "a/runnable", "a/was-a-file"]);
    assert!(!sandbox.path("after").join("a/new").exists());
}
