//! The program `pack` makes the very package that the library makes.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use camino::Utf8Path;
use common::{Bench, in_root, stdout};
use pack::pack;

fn program(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pack")).args(args).output().unwrap()
}

/// Every path of a tree with its mode and its bytes or its target.
fn tree(root: &Utf8Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let entries = walkdir::WalkDir::new(root).into_iter().map(|entry| {
        let entry = entry.unwrap();
        let path = Utf8Path::from_path(entry.path()).unwrap();
        let kind = entry.file_type();
        let content = if kind.is_symlink() {
            std::fs::read_link(path).unwrap().into_os_string().into_encoded_bytes()
        } else if kind.is_file() {
            std::fs::read(path).unwrap()
        } else {
            Vec::new()
        };
        let mode = entry.metadata().unwrap().permissions().mode();
        (path.strip_prefix(root).unwrap().to_string(), (mode, content))
    });
    entries.collect()
}

#[test]
fn it_packs_the_same_bytes_as_the_library() {
    let bench = Bench::new();
    let mut spec = bench.greeting();
    std::fs::create_dir(bench.dir.join("loadable")).unwrap();
    bench.gcc("loadable/libplug.so", "int plug(void) { return 1; }", &["-shared", "-fPIC"]);
    std::fs::remove_file(bench.dir.join("loadable/libplug.so.c")).unwrap();
    spec.library_tree = Some(bench.dir.join("loadable"));
    pack(&spec, &bench.package()).unwrap();
    let file = bench.write("package.json", &serde_json::to_string(&spec).unwrap());
    let out = bench.dir.join("other/package");
    let said = stdout(&program(&["package", "--spec", file.as_str(), "--out", out.as_str()]));
    assert!(said.starts_with("packed ") && said.contains("greeting"), "{said}");
    assert!(tree(&out).contains_key("lib/libplug.so"));
    assert_eq!(tree(&out), tree(&bench.package()));
    assert_eq!(stdout(&in_root(&out, "/run", &[], &[])), "greet 7 - -\n");
}

#[test]
fn it_says_what_is_wrong_with_a_specification() {
    let bench = Bench::new();
    let file = bench.write("package.json", "{}");
    let failed = program(&["package", "--spec", file.as_str(), "--out", bench.package().as_str()]);
    let said = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert_eq!(failed.status.code(), Some(1));
    assert!(said.contains("package.json") && said.contains("missing field"), "{said}");
    assert_eq!(program(&["package"]).status.code(), Some(2));
}

#[test]
fn it_carries_a_cache() {
    let bench = Bench::new();
    bench.write("seed/0/1R", "result");
    let at = |name: &str| bench.dir.join(name).into_string();
    let (seed, cache, stamp, out) = (at("seed"), at("cache"), at("cache/since"), at("out"));
    let said = stdout(&program(&["cache-load", &seed, &cache]));
    assert!(said.starts_with("loaded 1 files"), "{said}");
    // What came from the seed is older than the build's mark.
    let seeded = std::fs::File::open(bench.dir.join("cache/0/1R")).unwrap();
    seeded.set_modified(std::time::UNIX_EPOCH).unwrap();
    bench.write("cache/since", "");
    bench.write("cache/0/2R", "made by the build");
    let said = stdout(&program(&["cache-dump", &cache, &out, "--since", &stamp, "--max-bytes", "1000"]));
    assert!(said.starts_with("dumped 1 files, 17 bytes"), "{said}");
    assert_eq!(tree(Utf8Path::new(&out)).keys().filter(|path| path.ends_with('R')).count(), 1);
}
