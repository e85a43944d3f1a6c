//! Unusual machines: no rights, no known distribution, no network, odd names.

use crate::checkout::{Checkout, ran, repository};
use crate::faults::{Fate, Proxy};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// An index that has these files: name, first digit of the digest, withdrawn or not.
fn index(files: &'static [(&str, char, bool)]) -> Proxy {
    Proxy::alone(move |asked| {
        if asked.path != "/simple/ninja/" {
            return Fate::answer(404, "");
        }
        let file = |(name, digit, yanked): &(&str, char, bool)| {
            let digest = digit.to_string().repeat(64);
            format!(
                r#"{{"filename":"{name}","url":"{name}","hashes":{{"sha256":"{digest}"}},"yanked":{yanked}}}"#
            )
        };
        let files = files.iter().map(file).collect::<Vec<_>>().join(",");
        Fate::answer(200, format!(r#"{{"files":[{files}]}}"#)).with("content-type", "application/json")
    })
}

#[test]
fn programs_are_moved_to_the_newest_release_that_all_machines_can_have() {
    let checkout = Checkout::new();
    let index = index(&[
        ("ninja-1.14.0-py3-none-manylinux_2_17_x86_64.whl", 'a', false),
        ("ninja-1.14.0-py3-none-manylinux_2_17_aarch64.whl", 'b', false),
        ("ninja-1.14.0-py3-none-musllinux_1_1_x86_64.whl", 'c', false),
        // Not for every machine, withdrawn, not final.
        ("ninja-1.15.0-py3-none-manylinux_2_17_x86_64.whl", 'd', false),
        ("ninja-1.16.0-py3-none-manylinux_2_17_x86_64.whl", 'd', true),
        ("ninja-1.16.0-py3-none-manylinux_2_17_aarch64.whl", 'd', true),
        ("ninja-2.0rc1-py3-none-manylinux_2_17_x86_64.whl", 'd', false),
        ("ninja-2.0rc1-py3-none-manylinux_2_17_aarch64.whl", 'd', false),
    ]);
    let sources = |args: &[&str]| {
        let mut command = checkout.command(&[&["sources"], args].concat());
        ran(command.env("PIP_INDEX_URL", format!("http://{}/simple", index.address())))
    };
    let file = "backend/sources.yaml";
    let before = checkout.read(file);
    let check = sources(&["--check"]);
    assert!(check.out.contains("fails wheel ninja 1.13.2: no file of ninja 1.13.2 for amd64"), "{check:?}");
    let dry = sources(&["--update", "ninja", "--dry-run"]);
    assert!(dry.code == 0 && dry.out.contains("1.13.2 → 1.14.0"), "{dry:?}");
    assert_eq!(checkout.read(file), before);
    assert_eq!(sources(&["--update", "ninja"]).code, 0);
    let moved = checkout.read(file);
    let (a, b) = ("a".repeat(64), "b".repeat(64));
    let row = format!("  ninja:\n    package: ninja\n    version: 1.14.0\n    amd64: {a}\n    arm64: {b}\n");
    assert!(moved.contains(&row), "{moved}");
    assert_eq!(moved.lines().filter(|line| !before.contains(line)).count(), 3, "nothing else moved: {moved}");
    let script = checkout.out(&["install-base-deps", "--print", "sh", "--backend", "llama-cpp"]);
    assert!(!script.contains("ninja==") || script.contains("ninja==1.14.0"), "{script}");
    let absent = sources(&["--update", "ninja", "--version", "1.15.0"]);
    assert!(absent.code == 1 && absent.err.contains("has no files of ninja 1.15.0"), "{absent:?}");
}

#[test]
fn an_archive_is_moved_to_a_release_whose_address_is_known() {
    let checkout = Checkout::new();
    let releases = checkout.dir().join("releases");
    for version in ["1.4", "1.5"] {
        fs::create_dir_all(releases.join(format!("sdk-{version}"))).unwrap();
        fs::write(releases.join(format!("sdk-{version}/LICENSE.txt")), version).unwrap();
        let mut tar = std::process::Command::new("tar");
        tar.args(["-czf", &format!("sdk-{version}.tar.gz"), &format!("sdk-{version}")]);
        assert!(tar.current_dir(&releases).status().unwrap().success());
    }
    let file = "backend/sources.yaml";
    let address = format!("file://{}/sdk-1.4.tar.gz", releases.display());
    checkout.replace(file, "https://upstream.example/vulkan-sdk.tar.xz", &address);
    let zeros = format!("\"{}\"\n", "0".repeat(64));
    checkout.replace(file, &zeros, &format!("{zeros}        subdir: sdk-1.4\n"));
    let before = checkout.read(file);
    let update = |args: &[&str]| checkout.run(&[&["sources", "--update", "vulkan-sdk"], args].concat());
    assert!(update(&[]).err.contains("say which one with --version"));
    assert!(update(&["--version", "1.6"]).err.contains("sdk-1.6.tar.gz"));
    assert_eq!(checkout.read(file), before);
    let moved = update(&["--version", "1.5"]);
    assert_eq!(moved.code, 0, "{moved:?}");
    let after = checkout.read(file);
    for line in ["version: \"1.5\"", "/sdk-1.5.tar.gz", "subdir: sdk-1.5"] {
        assert!(after.contains(line), "{line}: {after}");
    }
    assert_eq!(after.lines().filter(|line| !before.contains(line)).count(), 4, "{after}");
    assert!(update(&["--version", "1.5"]).err.contains("at 1.5 already"));
}

/// A program of two lines.
fn program(path: &Path, line: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{line}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn odd_names_of_checkout_and_cache() {
    let mut checkout = Checkout::named("a b/ünï ç'ode $HOME \"x\"");
    checkout.cache = checkout.dir().join("cäche `with` odd; name");
    checkout.pretend_built("llama-cpp");
    assert!(checkout.out(&["why", "llama-cpp"]).contains("nothing changed"));
    assert_eq!(checkout.run(&["cache", "verify"]).code, 0);
    assert_eq!(checkout.run(&["build-backend", "llama-cpp", "--dry-run"]).code, 0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_name_that_is_no_text_is_refused_in_words() {
    use std::os::unix::ffi::OsStrExt;
    let mut checkout = Checkout::new();
    let odd = checkout.dir().join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    fs::rename(&checkout.root, &odd).unwrap();
    checkout.root = odd;
    let ran = checkout.run(&["list"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("not valid UTF-8"), "{ran:?}");
}

#[test]
fn nothing_can_be_built_offline_from_a_cold_cache() {
    let checkout = Checkout::new();
    let ran = checkout.run(&["build-backend", "llama-cpp", "--flavor", "fallback", "--offline"]);
    // What fails first depends on the machine: a tool that must be installed, or the source.
    assert!([1, 3].contains(&ran.code), "{ran:?}");
    assert!(ran.err.contains("--offline forbids") && ran.err.contains("run once without"), "{ran:?}");
    assert!(!checkout.root.join("target/backends/llama-cpp.cpu.linux-amd64/package").exists());
}

#[test]
fn offline_sources_are_checked_without_the_network() {
    let ran = Checkout::new().run(&["sources", "--check", "--offline"]);
    assert!(ran.out.contains("not cached"), "{ran:?}");
    assert!([0, 4].contains(&ran.code), "{ran:?}");
}

/// The program where this user may become any other: as root of a name space, if not for real.
#[cfg(target_os = "linux")]
fn may(program: &str, args: &[&str]) -> bool {
    let test = std::process::Command::new(program).args(args).arg("true").output();
    let can = test.is_ok_and(|ended| ended.status.success());
    if !can {
        println!("skipped: {program} {args:?} is not allowed here");
    }
    can
}

#[test]
#[cfg(target_os = "linux")]
fn without_root_and_sudo_the_one_command_is_printed() {
    const NOBODY: [&str; 3] = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    if !may("setpriv", &NOBODY) {
        return;
    }
    let checkout = Checkout::new();
    // Reachable for everybody: the directories of the checkout and a copy of the program.
    open_to_all(&checkout);
    let program = checkout.dir().join("xtask");
    fs::copy(crate::checkout::XTASK, &program).unwrap();
    let mut command = std::process::Command::new("setpriv");
    command.args(NOBODY).arg(&program).args([
        "install-base-deps",
        "--variant",
        "cuda-12",
        "--backend",
        "llama-cpp",
    ]);
    command.current_dir(&checkout.root).env_clear().env("PATH", without_sudo(&checkout));
    command.env("HOME", &checkout.home).env("XTASK_CACHE_DIR", &checkout.cache);
    let ran = ran(command.stdin(std::process::Stdio::null()));
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_eq!(ran.err.matches("su root -c").count(), 1, "{ran:?}");
    assert!(ran.err.contains("try again") && !ran.err.contains("apt-get"), "{ran:?}");
    let script = checkout.cache.join("v1/scratch/logs/install-base-deps.sh");
    let command = format!("su root -c 'sh {}'", script.display());
    assert!(ran.err.trim_end().ends_with(&command), "{ran:?}");
    assert!(fs::read_to_string(script).unwrap().contains("apt-get"));
}

#[cfg(target_os = "linux")]
fn open_to_all(checkout: &Checkout) {
    use std::os::unix::fs::chown;
    fs::create_dir(&checkout.cache).unwrap();
    for dir in [checkout.dir(), &checkout.root, &checkout.cache, &checkout.home] {
        fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
        chown(dir, Some(65534), Some(65534)).unwrap();
    }
}

/// A search path with the system's programs, sudo excepted.
#[cfg(target_os = "linux")]
fn without_sudo(checkout: &Checkout) -> std::path::PathBuf {
    let bin = checkout.dir().join("bin");
    fs::create_dir(&bin).unwrap();
    for entry in fs::read_dir("/usr/bin").unwrap().flatten() {
        if entry.file_name() != "sudo" {
            std::os::unix::fs::symlink(entry.path(), bin.join(entry.file_name())).unwrap();
        }
    }
    bin
}

#[test]
#[cfg(target_os = "linux")]
fn a_build_does_not_begin_without_what_doctor_misses() {
    let checkout = Checkout::new();
    for file in ["backend.yaml", "Cargo.toml", "Cargo.lock", "src/main.rs"] {
        let text =
            fs::read_to_string(repository().join("tests/fixtures/families/backend/rust/tinyrust").join(file));
        checkout.write(&format!("backend/rust/tinyrust/{file}"), &text.unwrap());
    }
    // A version manager without a toolchain: it is there, and cannot be run.
    let bin = checkout.dir().join("managed");
    for name in ["cargo", "rustc"] {
        program(&bin.join(name), "exit 1");
    }
    let run = |args: &[&str]| {
        let mut command = checkout.command(args);
        ran(command.env("PATH", format!("{}:/usr/bin:/bin", bin.display())))
    };
    let lines = ["cargo, which is not on PATH or cannot be run (for tinyrust)", "rustc, which is"];
    let doctor = run(&["doctor", "--offline"]);
    assert_eq!(doctor.code, 4, "{doctor:?}");
    assert!(doctor.out.contains("tinyrust: needs tools") && !doctor.err.contains("everything"), "{doctor:?}");
    let build = run(&["build-backend", "tinyrust", "--offline"]);
    assert_eq!(build.code, 3, "{build:?}");
    assert!(build.err.contains("nothing was begun"), "{build:?}");
    for line in lines {
        assert!(doctor.out.contains(line) && build.err.contains(line), "{line}: {doctor:?} {build:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn doctor_misses_buildx() {
    let checkout = Checkout::new();
    let docker = checkout.dir().join("docker");
    program(&docker.join("docker"), "exit 1");
    let path = format!("{}:{}", docker.display(), std::env::var("PATH").unwrap());
    let ran = ran(checkout.command(&["doctor"]).env("PATH", path));
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.out.contains("missing   docker buildx (for all that is built in containers)"), "{ran:?}");
    assert!(!ran.err.contains("everything is here"), "{ran:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn an_unknown_distribution_is_said_so() {
    const ALONE: [&str; 2] = ["--map-root-user", "--mount"];
    if !may("unshare", &ALONE) {
        return;
    }
    let checkout = Checkout::new();
    fs::write(checkout.dir().join("os-release"), "ID=other\nVERSION_ID=1\n").unwrap();
    let script = r#"mount --bind "$1" /etc/os-release && shift && exec "$@""#;
    let run = |args: &[&str]| {
        let mut command = std::process::Command::new("unshare");
        command.args(ALONE).args(["sh", "-c", script, "sh"]).arg(checkout.dir().join("os-release"));
        command.arg(crate::checkout::XTASK).args(args).current_dir(&checkout.root).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap());
        ran(command.env("HOME", &checkout.home).env("XTASK_CACHE_DIR", &checkout.cache))
    };
    let doctor = run(&["doctor"]);
    assert!(doctor.out.contains("not one that install-base-deps knows"), "{doctor:?}");
    let install = run(&["install-base-deps"]);
    assert_eq!(install.code, 3, "{install:?}");
    assert_eq!(run(&["hash", "llama-cpp"]).code, 0);
}
