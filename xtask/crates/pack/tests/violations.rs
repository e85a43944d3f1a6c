//! Every kind of fault is found, with file and reason, and all of them at once.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use camino::Utf8Path;
use common::Bench;
use pack::{Binary, Fault, PackError, Violation, check, pack};

/// Makes a sound package, breaks it, and returns what the checks say.
fn after(break_it: impl Fn(&Bench, &Utf8Path)) -> Vec<Violation> {
    let bench = Bench::new();
    let mut spec = bench.greeting();
    spec.extra_libraries = vec!["libgomp.so.1".into()];
    pack(&spec, &bench.package()).unwrap();
    assert_eq!(check(&bench.package()).unwrap(), []);
    break_it(&bench, &bench.package());
    check(&bench.package()).unwrap()
}

/// The only fault, and the file that has it.
fn only(violations: Vec<Violation>) -> (String, Fault) {
    let [violation] = <[Violation; 1]>::try_from(violations).unwrap();
    (violation.file.to_string(), violation.fault)
}

fn mode(path: impl AsRef<Utf8Path>, mode: u32) {
    std::fs::set_permissions(path.as_ref(), PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn an_unresolved_library_names_its_chain() {
    let (file, fault) =
        only(after(|_, package| std::fs::remove_file(package.join("lib/libm.so.6")).unwrap()));
    assert_eq!(file, "lib/libgreet.so.1");
    let Fault::Unresolved { name, chain, .. } = fault else { panic!("{fault:?}") };
    assert_eq!(name, "libm.so.6");
    assert_eq!(chain, ["server", "lib/libgreet.so.1"]);
    let (file, fault) =
        only(after(|_, package| std::fs::remove_file(package.join("lib/libgomp.so.1")).unwrap()));
    assert_eq!(file, "lib/libgomp.so.1");
    assert!(matches!(fault, Fault::Unresolved { .. }));
}

#[test]
fn a_library_that_this_machine_lacks_fails_the_package() {
    let bench = Bench::new();
    let spec = bench.greeting();
    std::fs::remove_file(bench.dir.join("build/libgreet.so.1")).unwrap();
    let Err(PackError::Violations(violations)) = pack(&spec, &bench.package()) else { panic!("packed") };
    let text = violations[0].to_string();
    assert!(
        text.contains("server: needs libgreet.so.1") && text.contains(&format!("{}/build", bench.dir)),
        "{text}"
    );
    assert!(!bench.package().exists());
}

#[test]
fn a_library_left_to_the_host_is_no_fault() {
    let bench = Bench::new();
    let mut spec = bench.greeting();
    std::fs::remove_file(bench.dir.join("build/libgreet.so.1")).unwrap();
    spec.host_libraries = vec!["libgre*".into()];
    pack(&spec, &bench.package()).unwrap();
}

#[test]
fn a_newer_libc_is_demanded() {
    let violations = after(|bench, package| {
        // A program that demands a version of libc that no libc has yet.
        bench.write("fake.map", "GLIBC_2.99 { global: from_the_future; };");
        bench.gcc(
            "libc.so.6",
            "void from_the_future(void) {}",
            &["-shared", "-fPIC", "-nostdlib", "-Wl,-soname,libc.so.6", "-Wl,--version-script=fake.map"],
        );
        let made = bench.gcc(
            "made",
            "void from_the_future(void); void _start(void) { from_the_future(); }",
            &["-nostdlib", "libc.so.6"],
        );
        std::fs::copy(made, package.join("server")).unwrap();
    });
    let (file, fault) = only(violations);
    assert_eq!(file, "server");
    let Fault::Version { library, version, newest } = fault else { panic!("{fault:?}") };
    assert_eq!((library.as_str(), version.as_str()), ("libc.so.6", "GLIBC_2.99"));
    assert!(newest.starts_with("GLIBC_2."), "{newest}");
}

#[test]
fn a_run_path_out_of_the_package() {
    let violations = after(|bench, package| {
        std::fs::copy(bench.dir.join("build/server"), package.join("server")).unwrap();
    });
    let (file, fault) = only(violations);
    assert_eq!(file, "server");
    assert!(matches!(fault, Fault::RunPath(entry) if entry.ends_with("/build")));
}

#[test]
fn a_file_for_another_machine() {
    let (file, fault) = only(after(|_, package| {
        let mut bytes = std::fs::read(package.join("lib/libgreet.so.1")).unwrap();
        bytes[18] = 183;
        std::fs::write(package.join("arm.so"), bytes).unwrap();
    }));
    assert_eq!(file, "arm.so");
    assert!(matches!(fault, Fault::Machine { found, .. } if found == "Linux on Aarch64"));
}

#[test]
fn what_is_started_must_be_there_and_startable() {
    let (file, fault) = only(after(|_, package| std::fs::remove_file(package.join("server")).unwrap()));
    assert_eq!((file.as_str(), fault), ("server", Fault::Missing));
    let (file, fault) = only(after(|_, package| mode(package.join("server"), 0o644)));
    assert_eq!((file.as_str(), fault), ("server", Fault::NotExecutable));
    let (file, fault) =
        only(after(|_, package| std::fs::write(package.join("server"), "#!/bin/sh\n").unwrap()));
    assert_eq!(file, "server");
    assert!(matches!(fault, Fault::NotAProgram(reason) if reason.contains("script")));
    let (file, fault) = only(after(|_, package| std::fs::remove_file(package.join("run.sh")).unwrap()));
    assert_eq!((file.as_str(), fault), ("run.sh", Fault::Missing));
    let both = after(|_, package| std::fs::remove_file(package.join("run")).unwrap());
    let both: Vec<_> = both.into_iter().map(|one| (one.file.into_string(), one.fault)).collect();
    assert_eq!(
        both,
        [("run".to_owned(), Fault::Missing), ("run.sh".to_owned(), Fault::Dangling("run".into()))]
    );
    let (file, fault) = only(after(|_, package| std::fs::write(package.join("launch"), "x").unwrap()));
    assert_eq!(file, "launch");
    assert!(matches!(fault, Fault::Malformed(_)));
    let (_, fault) = only(after(|_, package| {
        std::fs::write(package.join("launch"), "launch\t1\nexec\tdirect\talways\tserver\n").unwrap();
    }));
    assert!(matches!(fault, Fault::NotAProgram(reason) if reason.contains("loader")));
}

#[test]
fn links_that_lead_nowhere_or_out() {
    let link =
        |target: &'static str| only(after(|_, package| symlink(target, package.join("lib/x")).unwrap())).1;
    assert_eq!(link("libnone.so"), Fault::Dangling("libnone.so".into()));
    assert_eq!(link("/etc/passwd"), Fault::Outside("/etc/passwd".into()));
    assert_eq!(link("../../passwd"), Fault::Outside("../../passwd".into()));
}

#[test]
fn modes_that_invite_abuse() {
    for bad in [0o4755, 0o2755, 0o777, 0o775] {
        let (file, fault) = only(after(|_, package| mode(package.join("server"), bad)));
        assert_eq!((file.as_str(), fault), ("server", Fault::Mode(bad)));
    }
    let violations = after(|_, package| {
        assert!(Command::new("mkfifo").arg(package.join("pipe")).status().unwrap().success());
        mode(package.join("pipe"), 0o644);
    });
    assert_eq!(only(violations), ("pipe".into(), Fault::Special));
}

#[test]
fn a_broken_object_file() {
    let (file, fault) =
        only(after(|_, package| std::fs::write(package.join("x.so"), b"\x7fELF\x02\x01").unwrap()));
    assert_eq!(file, "x.so");
    assert!(matches!(fault, Fault::Malformed(_)));
}

#[test]
fn missing_licences_are_found_together() {
    let bench = Bench::new();
    let mut spec = bench.greeting();
    spec.licenses[0].covers.clear();
    spec.licenses[0].file = bench.dir.join("NONE");
    let Err(PackError::Violations(violations)) = pack(&spec, &bench.package()) else { panic!("packed") };
    let text: Vec<_> = violations.iter().map(ToString::to_string).collect();
    let text = text.join("\n");
    assert_eq!(violations.len(), 2, "{text}");
    for part in ["libgreet.so.1: no Debian package", "component greeting"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_licence_that_was_removed() {
    let (file, fault) =
        only(after(|_, package| std::fs::write(package.join("licenses/greeting/LICENSE"), "").unwrap()));
    assert_eq!(file, "licenses/greeting/LICENSE");
    assert!(matches!(fault, Fault::Unlicensed(_)));
}

#[test]
fn two_files_for_one_place_and_two_libraries_for_one_name() {
    let bench = Bench::new();
    let mut spec = bench.greeting();
    spec.binaries.push(Binary::new("run", bench.dir.join("build/server")));
    assert!(matches!(pack(&spec, &bench.package()), Err(PackError::Collision { .. })));

    let other = Bench::new();
    let second = other.greeting().binaries.remove(0);
    spec.binaries[1] = Binary { to: "second".into(), ..second };
    assert!(
        matches!(pack(&spec, &bench.package()), Err(PackError::Conflict { name, .. }) if name == "libgreet.so.1")
    );
}
