//! Packages for macOS before readers that are not ours: lief, LLVM's tools, and Python's hashes of every page.

use crate::checkout::repository;
use crate::child::{self, tell};
use crate::client::PYTHON;
use camino::{Utf8Path, Utf8PathBuf};
use pack::{Binary, License, PackageSpec};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_mins(2);

#[test]
fn packaged_files_are_sound_to_other_readers() {
    for (platform, arch) in [("darwin/arm64", "arm64"), ("darwin/amd64", "x86_64")] {
        let temp = tempfile::tempdir().unwrap();
        let package = package(Utf8Path::from_path(temp.path()).unwrap(), platform, arch);
        let mut read = Command::new(&*PYTHON);
        read.arg(repository().join("tests/conformance/macho.py")).arg(&package);
        let said = child::run(read, LIMIT).expect(0).out;
        let found: serde_json::Value = serde_json::from_str(&said).unwrap();
        let found = found.as_object().unwrap();
        assert_eq!(found.len(), 6, "{said}");
        for (file, told) in found {
            let name = Utf8Path::new(file).file_name().unwrap();
            assert_eq!(told["identifier"], name, "{file}");
            assert!(told["id"].is_null() || told["id"] == format!("@loader_path/{name}"), "{said}");
            for library in told["libraries"].as_array().unwrap() {
                let library = library.as_str().unwrap();
                assert!(library.starts_with("@loader_path/") || library.starts_with("/usr/lib/"), "{said}");
            }
        }
        assert_eq!(found["server"]["rpaths"], serde_json::json!(["@executable_path", "@loader_path/lib"]));
        for file in found.keys() {
            llvm(&package.join(file));
        }
    }
}

/// A package of the files that linkers made for the tests.
fn package(dir: &Utf8Path, platform: &str, arch: &str) -> Utf8PathBuf {
    let fixtures = repository().join("xtask/crates/macho/tests/fixtures").join(arch);
    for part in ["build", "plugins"] {
        fs_err::create_dir(dir.join(part)).unwrap();
    }
    for entry in fixtures.read_dir_utf8().unwrap() {
        let file = entry.unwrap();
        let part = match file.file_name() {
            "server" | "libcore.dylib" | "libumbrella.dylib" | "libbase.dylib" => "build",
            "libplugin.so" | "libunsigned.dylib" | "libzig.dylib" => "plugins",
            _ => continue,
        };
        fs_err::copy(file.path(), dir.join(part).join(file.file_name())).unwrap();
    }
    let license = repository().join("LICENSE");
    let spec = PackageSpec {
        name: "server".into(),
        variant: "cpu".into(),
        platform: platform.parse().unwrap(),
        min_macos: Some("12.0".into()),
        calls: vec![],
        key: "k".into(),
        versions: [].into(),
        binaries: vec![Binary::new("server", dir.join("build/server"))],
        libraries: vec![],
        library_tree: None,
        plugin_tree: Some(dir.join("plugins")),
        vulkan_drivers: None,
        extra_libraries: vec![],
        host_libraries: vec![],
        host_shell: false,
        library_dirs: vec![dir.join("build")],
        data: vec![],
        env: vec![],
        licenses: vec![License { component: "server".into(), file: license, covers: vec!["lib*".into()] }],
        links: None,
    };
    pack::pack(&spec, &dir.join("package")).unwrap();
    dir.join("package")
}

/// What LLVM's tools make of a file, where they are installed.
fn llvm(file: &Utf8Path) {
    for (program, args) in [
        ("llvm-objdump", &["--macho", "--private-headers", "--exports-trie", "--bind"][..]),
        ("llvm-readobj", &["--file-headers", "--macho-segment", "--needed-libs"][..]),
    ] {
        let mut read = Command::new(program);
        match read.args(args).arg(file).output() {
            Ok(said) => {
                let warned = String::from_utf8_lossy(&said.stderr);
                assert!(said.status.success() && warned.is_empty(), "{program} {file}: {warned}");
            }
            Err(_) => tell(&format!("{program} is not here: {file} was not shown to it")),
        }
    }
}
