//! What caches and earlier runs leave of Homebrew, and how it is mended: with the program of `tests/fixtures/homebrew`,
//! whose kegs, links and receipts are real.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the program is run as a Mac's user runs it"
)]

use camino::{Utf8Path, Utf8PathBuf};
use exec::brew::{make_ready, read};
use std::fs;
use std::process::{Command, Output};

const CPP: [&str; 6] = ["ccache", "cmake", "grpc", "ninja", "pkgconf", "protobuf"];

struct Brew {
    _dir: tempfile::TempDir,
    prefix: Utf8PathBuf,
}

impl Brew {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let prefix = Utf8Path::from_path(dir.path()).unwrap().canonicalize_utf8().unwrap();
        let from = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/homebrew");
        fs::create_dir(prefix.join("bin")).unwrap();
        fs::copy(from.join("brew"), prefix.join("bin/brew")).unwrap();
        fs::copy(from.join("formulas"), prefix.join("formulas")).unwrap();
        Self { _dir: dir, prefix }
    }

    /// With everything, as the job was that filled the cache.
    fn full() -> Self {
        let brew = Self::new();
        brew.ready(&CPP).unwrap();
        fs::remove_file(brew.prefix.join("calls")).unwrap();
        brew
    }

    /// With its kegs alone, as a cache of Cellars restores them.
    fn restored() -> Self {
        let brew = Self::full();
        for dir in ["opt", "var"] {
            fs::remove_dir_all(brew.prefix.join(dir)).unwrap();
        }
        for entry in brew.prefix.join("bin").read_dir_utf8().unwrap() {
            let entry = entry.unwrap();
            if entry.file_name() != "brew" {
                fs::remove_file(entry.path()).unwrap();
            }
        }
        brew
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(self.prefix.join("bin/brew")).args(args).output().unwrap()
    }

    fn ready(&self, formulas: &[&str]) -> Result<(), String> {
        let log = self.prefix.join("log");
        make_ready(&self.prefix, formulas, &log, &mut |_| ()).map_err(|error| error.to_string())
    }

    fn has(&self, formula: &str) -> bool {
        read(&self.prefix).unwrap().has(formula)
    }

    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.prefix.join("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }
}

#[test]
fn an_empty_homebrew_gets_what_is_wanted_by_one_bundle_and_in_silence() {
    let brew = Brew::new();
    assert!(CPP.iter().all(|formula| !brew.has(formula)));
    brew.ready(&CPP).unwrap();
    assert!(CPP.iter().all(|formula| brew.has(formula)));
    assert!(brew.prefix.join("bin/grpc_cpp_plugin").exists());
    let calls = brew.calls();
    // Every call has all four switches.
    assert!(calls.iter().all(|call| call.starts_with("1111 ")), "{calls:?}");
    assert_eq!(calls[0], "1111 bundle install --no-upgrade --file=-");
    assert!(!calls.iter().any(|call| call.contains("reinstall")), "{calls:?}");
}

#[test]
fn what_is_ready_is_left_alone() {
    let brew = Brew::full();
    brew.ready(&CPP).unwrap();
    assert_eq!(brew.calls(), [format!("1111 missing {}", CPP.join(" "))]);
}

/// The reference's first trap: a restored Cellar has lost PATH and `opt`, and `install` says that all is well.
#[test]
fn kegs_without_links_are_linked_each_by_itself() {
    let brew = Brew::restored();
    let install = brew.run(&["install", "ccache"]);
    assert!(install.status.success() && String::from_utf8_lossy(&install.stderr).contains("just not linked"));
    assert!(!brew.has("ccache") && !brew.prefix.join("bin/ccache").exists());
    brew.ready(&CPP).unwrap();
    assert!(CPP.iter().all(|formula| brew.has(formula)) && brew.prefix.join("bin/ccache").exists());
    let calls = brew.calls();
    let links: Vec<&String> = calls.iter().filter(|call| call.contains(" link ")).collect();
    assert!(links.len() > CPP.len() && links.iter().all(|call| call.split(' ').count() == 4), "{links:?}");
    // One that is never linked has no other way back to its `opt`.
    assert!(brew.has("openssl@3") && calls.contains(&"1111 reinstall openssl@3".to_owned()), "{calls:?}");
}

/// The second: of several, none is linked where the first has no keg.
#[test]
fn a_keg_that_is_absent_keeps_no_other_from_being_linked() {
    let brew = Brew::restored();
    fs::remove_dir_all(brew.prefix.join("Cellar/cmake")).unwrap();
    let link = brew.run(&["link", "--overwrite", "cmake", "ninja", "ccache"]);
    assert_eq!(link.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&link.stderr).contains("No such keg") && !brew.has("ninja"));
    brew.ready(&CPP).unwrap();
    assert!(brew.has("ninja") && brew.has("cmake"));
}

/// The third: what a restored formula was linked with is not in the cache.
#[test]
fn libraries_below_ccache_and_grpc_come_back() {
    let brew = Brew::full();
    for keg in ["fmt", "re2", "abseil"] {
        fs::remove_dir_all(brew.prefix.join("Cellar").join(keg)).unwrap();
        fs::remove_file(brew.prefix.join("opt").join(keg)).unwrap();
    }
    let ccache = Command::new(brew.prefix.join("bin/ccache")).output().unwrap();
    assert!(String::from_utf8_lossy(&ccache.stderr).contains("Library not loaded"));
    let missing = brew.run(&["missing", "ccache", "grpc"]);
    assert_eq!(missing.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&missing.stdout), "ccache: fmt\ngrpc: abseil re2\n");
    brew.ready(&CPP).unwrap();
    assert!(Command::new(brew.prefix.join("bin/ccache")).output().unwrap().status.success());
    assert!(["fmt", "re2", "abseil"].iter().all(|keg| brew.has(keg)));
    // Of one formula it says no name.
    fs::remove_dir_all(brew.prefix.join("Cellar/zstd")).unwrap();
    assert_eq!(String::from_utf8_lossy(&brew.run(&["missing", "ccache"]).stdout), "zstd\n");
    brew.ready(&["ccache"]).unwrap();
    assert!(brew.has("zstd"));
}

/// Linked, complete by every list, and dead: only running it tells.
#[test]
fn a_program_whose_library_is_of_another_version_is_installed_anew() {
    let brew = Brew::full();
    let keg = brew.prefix.join("Cellar/fmt");
    fs::rename(keg.join("12.1.0"), keg.join("13.0.0")).unwrap();
    fs::rename(keg.join("13.0.0/lib/libfmt.12.1.0.dylib"), keg.join("13.0.0/lib/libfmt.13.0.0.dylib"))
        .unwrap();
    for (link, to) in [("opt", "../Cellar"), ("var/homebrew/linked", "../../../Cellar")] {
        let link = brew.prefix.join(link).join("fmt");
        fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink(format!("{to}/fmt/13.0.0"), &link).unwrap();
    }
    let formulas = brew.prefix.join("formulas");
    let newer = fs::read_to_string(&formulas).unwrap().replace("fmt 12.1.0", "fmt 13.0.0");
    fs::write(formulas, newer).unwrap();
    assert!(brew.has("ccache"), "every list says so");
    brew.ready(&CPP).unwrap();
    assert!(brew.calls().contains(&"1111 reinstall ccache".to_owned()), "{:?}", brew.calls());
    assert!(Command::new(brew.prefix.join("bin/ccache")).output().unwrap().status.success());
}

#[test]
fn what_does_not_exist_is_told_in_homebrew_s_words() {
    let brew = Brew::new();
    let error = brew.ready(&["no-such-formula"]).unwrap_err();
    assert!(error.contains("No available formula with the name \"no-such-formula\""), "{error}");
}
