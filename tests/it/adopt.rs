//! A tree that Makefiles build, adopted as a user does it: in a git checkout, with a submodule.

use crate::checkout::{Checkout, Ran, copy, ran, repository};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const COMMIT: &str = "1111111111111111111111111111111111111111";

struct Adopted {
    dir: TempDir,
}

impl Adopted {
    fn new() -> Self {
        let tree = Self { dir: tempfile::tempdir().unwrap() };
        copy(&repository().join("tests/fixtures/adopt"), tree.root());
        let modules = "[submodule \"Voices\"]\n\tpath = backend/rust/singer/sources/Voices\n\turl = https://example.org/voices\n";
        fs::write(tree.root().join(".gitmodules"), modules).unwrap();
        tree.git(&["init", "--quiet"]);
        tree.git(&["add", "--all"]);
        let submodule = format!("160000,{COMMIT},backend/rust/singer/sources/Voices");
        tree.git(&["update-index", "--add", "--cacheinfo", &submodule]);
        tree
    }

    fn root(&self) -> &Path {
        self.dir.path()
    }

    fn git(&self, args: &[&str]) {
        assert_eq!(ran(Command::new("git").current_dir(self.root()).args(args)).code, 0);
    }

    fn adopt(&self, more: &[&str]) -> Ran {
        let root = self.root().to_str().unwrap();
        Checkout::new().run(&[&["import-matrix", "--adopt", root], more].concat())
    }

    fn manifests(&self) -> Vec<PathBuf> {
        let files = walkdir::WalkDir::new(self.root().join("backend")).sort_by_file_name().into_iter();
        let files = files.map(|entry| entry.unwrap().into_path());
        files.filter(|path| path.extension().is_some_and(|ending| ending == "yaml")).collect()
    }
}

#[test]
fn a_checkout_is_adopted_once_and_then_it_stays() {
    let tree = Adopted::new();
    let index = tree.manifests();
    let checked = tree.adopt(&["--check"]);
    assert_eq!((checked.code, tree.manifests()), (0, index), "{checked:?}");

    let adopted = tree.adopt(&[]);
    assert_eq!(adopted.code, 0, "{adopted:?}");
    assert!(adopted.err.contains("19 of 19 rows as units of 10 backends"), "{adopted:?}");
    // An index that was there, two tables, and a manifest each.
    assert_eq!(tree.manifests().len(), 1 + 2 + 10);
    let sources = fs::read_to_string(tree.root().join("backend/sources.yaml")).unwrap();
    assert!(
        sources.contains(&format!("https://example.org/voices\n        commit: '{COMMIT}'")),
        "{sources}"
    );
    assert!(tree.root().join("backend/patches/grpc/grpc-registry.patch").exists());

    let again = tree.adopt(&[]);
    assert!(again.err.contains("0 files new, 0 changed, 12 the same, 0 edited"), "{again:?}");
}

#[test]
fn what_is_no_checkout_is_refused() {
    let tree = Adopted::new();
    fs::remove_dir_all(tree.root().join(".git")).unwrap();
    let refused = tree.adopt(&[]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.err.contains("git"), "{refused:?}");
    assert_eq!(tree.manifests().len(), 1);
}
