//! The static packer makes the very package that xtask makes, and starts where nothing else is.

use crate::checkout::{repository, scratch, temporary};
use crate::child::{self, LONG, SHORT};
use camino::{Utf8Path, Utf8PathBuf};
use pack::{Binary, License, PackageSpec};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::LazyLock;

/// Compiled as a container build compiles it.
static PACKER: LazyLock<Utf8PathBuf> = LazyLock::new(|| {
    let target = scratch().join("packer");
    let mut command = Command::new("cargo");
    command.current_dir(repository()).args([
        "rustc",
        "--quiet",
        "--locked",
        "--package",
        "pack",
        "--bin",
        "pack",
    ]);
    command.args(["--target-dir", target.as_str()]);
    command.args(["--", "-C", "target-feature=+crt-static", "-C", "strip=symbols"]);
    child::run(command, LONG).expect(0);
    target.join("debug/pack")
});

fn compile(dir: &Utf8Path, output: &str, source: &str, args: &[&str]) -> Utf8PathBuf {
    let file = dir.join(format!("{output}.c"));
    fs_err::write(&file, source).unwrap();
    let mut command = Command::new("cc");
    command.current_dir(dir).args(["-o", output, file.as_str()]).args(args);
    child::run(command, SHORT).expect(0);
    dir.join(output)
}

/// A program, a library of its own, and one that it opens.
fn specification(dir: &Utf8Path) -> PackageSpec {
    fs_err::create_dir(dir.join("lib")).unwrap();
    compile(dir, "lib/libplug.so", "int plug(void) { return 1; }", &["-shared", "-fPIC"]);
    fs_err::remove_file(dir.join("lib/libplug.so.c")).unwrap();
    let soname = "-Wl,-soname,libown.so.1";
    compile(dir, "libown.so.1", "int own(void) { return 2; }", &["-shared", "-fPIC", soname]);
    let rpath = format!("-Wl,-rpath,{dir}");
    let source =
        "#include <math.h>\nint own(void);\nint main(int n, char **v) { return own() + (int)sqrt(n); }";
    let program = compile(dir, "program", source, &["libown.so.1", &rpath, "-lm"]);
    let covers = vec!["libown*".to_owned(), "libplug*".to_owned()];
    let license = License { component: "own".into(), file: repository().join("LICENSE"), covers };
    PackageSpec {
        host_shell: false,
        name: "own".into(),
        variant: "cpu".into(),
        platform: format!("linux/{}", if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" })
            .parse()
            .unwrap(),
        calls: Vec::new(),
        key: "k".repeat(64),
        versions: BTreeMap::new(),
        binaries: vec![Binary::new("program", program)],
        libraries: Vec::new(),
        library_tree: Some(dir.join("lib")),
        plugin_tree: None,
        min_macos: None,
        vulkan_drivers: None,
        extra_libraries: vec!["libgomp.so.1".into()],
        host_libraries: Vec::new(),
        library_dirs: Vec::new(),
        data: Vec::new(),
        env: Vec::new(),
        licenses: vec![license],
        links: None,
    }
}

/// Every path with its mode and its content or target.
fn tree(root: &Utf8Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let entries = walkdir::WalkDir::new(root).into_iter().map(|entry| {
        let entry = entry.unwrap();
        let path = Utf8Path::from_path(entry.path()).unwrap();
        let content = match entry.file_type() {
            kind if kind.is_symlink() => {
                fs_err::read_link(path).unwrap().into_os_string().into_encoded_bytes()
            }
            kind if kind.is_file() => fs_err::read(path).unwrap(),
            _ => Vec::new(),
        };
        (
            path.strip_prefix(root).unwrap().to_string(),
            (entry.metadata().unwrap().permissions().mode(), content),
        )
    });
    entries.collect()
}

#[test]
fn the_static_packer_makes_the_same_bytes() {
    let (_dir, dir) = temporary();
    let spec = specification(&dir);
    let here = dir.join("here/package");
    pack::pack(&spec, &here).unwrap();
    let file = dir.join("package.json");
    fs_err::write(&file, serde_json::to_string(&spec).unwrap()).unwrap();
    let there = dir.join("there/package");
    let mut command = Command::new(&*PACKER);
    command.args(["package", "--spec", file.as_str(), "--out", there.as_str()]);
    child::run(command, SHORT).expect(0);
    let (here, there) = (tree(&here), tree(&there));
    assert!(here.contains_key("lib/libplug.so") && here.contains_key("run"), "{:?}", here.keys());
    let differ: Vec<&String> = here.keys().filter(|path| here.get(*path) != there.get(*path)).collect();
    assert!(differ.is_empty() && here.len() == there.len(), "{differ:?}");
}

#[test]
fn the_static_packer_starts_in_an_empty_root() {
    let (_dir, dir) = temporary();
    fs_err::copy(&*PACKER, dir.join("pack")).unwrap();
    fs_err::create_dir(dir.join("seed")).unwrap();
    fs_err::write(dir.join("seed/1R"), "result").unwrap();
    let mut command = Command::new("chroot");
    command.args([dir.as_str(), "/pack", "cache-load", "/seed", "/cache"]);
    let said = child::run(command, SHORT).expect(0).out;
    assert!(said.starts_with("loaded 1 files, 6 bytes"), "{said}");
    assert_eq!(fs_err::read_to_string(dir.join("cache/1R")).unwrap(), "result");
}
