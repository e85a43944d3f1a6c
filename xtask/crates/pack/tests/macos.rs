//! Packages for macOS, made and checked anywhere, of what real linkers made.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::os::unix::fs::PermissionsExt;

use camino::{Utf8Path, Utf8PathBuf};
use common::Bench;
use pack::image::{self, Image};
use pack::{Binary, License, PackError, PackageSpec, check, pack};

/// A build directory: a server with its libraries, a plugin beside them.
struct Mac(Bench);

impl Mac {
    fn new() -> Self {
        let mac = Self(Bench::new());
        for name in ["server", "libcore.dylib", "libumbrella.dylib", "libbase.dylib"] {
            mac.bring(&format!("arm64/{name}"), &format!("build/{name}"));
        }
        mac.bring("arm64/libplugin.so", "plugins/libplugin.so");
        mac.0.write("LICENSE", "Do as you like.\n");
        mac
    }

    fn bring(&self, fixture: &str, to: &str) -> Utf8PathBuf {
        let fixtures = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../macho/tests/fixtures");
        let path = self.0.write(to, "");
        std::fs::copy(fixtures.join(fixture), &path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn spec(&self) -> PackageSpec {
        let build = self.0.dir.join("build");
        PackageSpec {
            platform: "darwin/arm64".parse().unwrap(),
            min_macos: Some("12.0".into()),
            library_dirs: vec![build.clone()],
            plugin_tree: Some(self.0.dir.join("plugins")),
            licenses: vec![License {
                component: "greeting".into(),
                file: self.0.dir.join("LICENSE"),
                covers: vec!["lib*".into()],
            }],
            ..self.0.spec(vec![Binary::new("server", build.join("server"))])
        }
    }

    /// What packing says of the faults.
    fn faults(&self, spec: &PackageSpec) -> String {
        match pack(spec, &self.0.package()) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }
}

fn object(path: &Utf8Path) -> macho::Object {
    match image::read(path).unwrap() {
        Image::MachO(object) => object,
        other => panic!("{path}: {other:?}"),
    }
}

fn libraries(path: &Utf8Path) -> Vec<String> {
    object(path).dylibs.into_iter().map(|dylib| dylib.name).collect()
}

#[test]
fn a_package_holds_all_it_needs_by_relative_names() {
    let (mac, system) = (Mac::new(), "/usr/lib/libSystem.B.dylib");
    let before = std::fs::read(mac.0.dir.join("build/server")).unwrap();
    let manifest = pack(&mac.spec(), &mac.0.package()).unwrap();
    let package = mac.0.package();
    let files: Vec<&str> = manifest.files.keys().map(|file| file.as_str()).collect();
    for file in
        ["libplugin.so", "lib/libbase.dylib", "lib/libcore.dylib", "lib/libumbrella.dylib", "run", "run.sh"]
    {
        assert!(files.contains(&file), "{file} in {files:?}");
    }
    assert_eq!(
        libraries(&package.join("server")),
        ["@loader_path/lib/libcore.dylib", "@loader_path/lib/libumbrella.dylib", system]
    );
    assert_eq!(object(&package.join("server")).rpaths, ["@executable_path", "@loader_path/lib"]);
    assert_eq!(libraries(&package.join("libplugin.so")), ["@loader_path/lib/libbase.dylib", system]);
    // The one that may be absent is not somebody else's.
    assert_eq!(
        libraries(&package.join("lib/libumbrella.dylib")),
        ["@loader_path/libbase.dylib", "@loader_path/libextra.1.dylib", system]
    );
    assert_eq!(check(&package).unwrap(), []);
    assert_eq!(
        std::fs::read(mac.0.dir.join("build/server")).unwrap(),
        before,
        "what was built is not touched"
    );

    let again = mac.0.dir.join("again");
    assert_eq!(pack(&mac.spec(), &again).unwrap(), manifest, "the same on repeat");
}

#[test]
fn a_library_that_is_nowhere_is_named_with_who_needs_it() {
    let mac = Mac::new();
    std::fs::remove_file(mac.0.dir.join("build/libbase.dylib")).unwrap();
    let said = mac.faults(&mac.spec());
    assert!(said.contains("build/libcore.dylib: needs @rpath/libbase.dylib"), "{said}");
    assert!(said.contains("server needs "), "{said}");
    assert!(!mac.0.package().exists());
}

#[test]
fn what_cannot_be_renamed_or_runs_on_newer_systems_only_is_refused() {
    let mac = Mac::new();
    mac.bring("arm64/libtight.dylib", "plugins/libtight.dylib");
    let said = mac.faults(&mac.spec());
    assert!(
        said.contains("plugins/libtight.dylib") && said.contains("-headerpad_max_install_names"),
        "{said}"
    );
    std::fs::remove_file(mac.0.dir.join("plugins/libtight.dylib")).unwrap();
    mac.bring("arm64/libtwice.dylib", "plugins/libtwice.dylib");
    assert!(
        mac.faults(&mac.spec())
            .contains("plugins/libtwice.dylib: it names @loader_path/lib/libbase.dylib twice")
    );
    std::fs::remove_file(mac.0.dir.join("plugins/libtwice.dylib")).unwrap();
    mac.bring("arm64/libnew.dylib", "plugins/libnew.dylib");
    let said = mac.faults(&mac.spec());
    assert!(said.contains("libnew.dylib: needs macOS 15.0, and the package is for 12.0"), "{said}");
    let spec = PackageSpec { min_macos: Some("15.0".into()), ..mac.spec() };
    pack(&spec, &mac.0.package()).unwrap();
    assert!(matches!(
        pack(&PackageSpec { min_macos: None, ..spec }, &mac.0.package()),
        Err(PackError::Spec(_))
    ));
}

#[test]
fn one_processor_s_part_of_a_fat_file_goes_along() {
    for (platform, arch) in [("darwin/arm64", "arm64"), ("darwin/amd64", "x86_64")] {
        let mac = Mac::new();
        for name in ["server", "libcore.dylib", "libumbrella.dylib"] {
            mac.bring(&format!("{arch}/{name}"), &format!("build/{name}"));
        }
        mac.bring(&format!("{arch}/libplugin.so"), "plugins/libplugin.so");
        mac.bring("libfat.dylib", "build/libbase.dylib");
        let spec = PackageSpec { platform: platform.parse().unwrap(), ..mac.spec() };
        pack(&spec, &mac.0.package()).unwrap();
        let packaged = object(&mac.0.package().join("lib/libbase.dylib"));
        assert_eq!(packaged.cpu, spec.platform.arch.into());
        mac.bring("libfat.dylib", "package/lib/libbase.dylib");
        let said = pack::check(&mac.0.package()).unwrap();
        assert!(said.iter().any(|violation| violation.to_string().contains("lipo FILE -thin")), "{said:?}");
    }
}

#[test]
fn one_file_under_two_names_is_packaged_once() {
    let mac = Mac::new();
    std::fs::rename(mac.0.dir.join("build/libbase.dylib"), mac.0.dir.join("build/libbase.1.dylib")).unwrap();
    std::os::unix::fs::symlink("libbase.1.dylib", mac.0.dir.join("build/libbase.dylib")).unwrap();
    let tree = mac.0.dir.join("tree");
    std::fs::create_dir(&tree).unwrap();
    for name in ["libbase.dylib", "libbase.1.dylib"] {
        std::os::unix::fs::symlink(format!("../build/{name}"), tree.join(name)).unwrap();
    }
    let manifest = pack(&PackageSpec { library_tree: Some(tree), ..mac.spec() }, &mac.0.package()).unwrap();
    let real = manifest
        .files
        .iter()
        .filter(|(file, entry)| file.as_str().contains("libbase") && entry.size().is_some());
    assert_eq!(real.count(), 1, "{:?}", manifest.files);
}

#[test]
fn what_was_changed_after_it_was_signed_is_found() {
    let mac = Mac::new();
    pack(&mac.spec(), &mac.0.package()).unwrap();
    let file = mac.0.package().join("lib/libcore.dylib");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[0x3000] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    // As the linker left it: names of the build directory, and the linker's own signature.
    mac.bring("arm64/libbase.dylib", "package/lib/libbase.dylib");
    mac.bring("x86_64/libbase.dylib", "package/lib/LIBUMBRELLA.dylib");
    let found: Vec<String> = check(&mac.0.package()).unwrap().iter().map(ToString::to_string).collect();
    for wanted in [
        "lib/libcore.dylib: its signature is not valid: page 3 of",
        "lib/libbase.dylib: names `@rpath/libbase.dylib`",
        "lib/libbase.dylib: has the run path `/Users/somebody/build/bin`",
        "lib/libbase.dylib: its signature is not valid: it is the linker's",
        "lib/LIBUMBRELLA.dylib: is made for macOS on X86_64; the package is for darwin/arm64",
        "LIBUMBRELLA.dylib are one file to macOS",
    ] {
        let holds =
            |text: &String| text.contains(wanted) || text.to_lowercase().contains(&wanted.to_lowercase());
        assert!(found.iter().any(holds), "{wanted} in {found:#?}");
    }
}
