//! Files of real checkouts, beside what git itself says of them.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use camino::{Utf8Path, Utf8PathBuf};
use checkout::{Files, Git, index};
use std::process::Command;

struct Repository {
    _temp: tempfile::TempDir,
    root: Utf8PathBuf,
}

impl Repository {
    fn new(options: &[&str]) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(temp.path()).unwrap().canonicalize_utf8().unwrap().join("repository");
        fs_err::create_dir(&root).unwrap();
        let new = Self { _temp: temp, root };
        new.git(&[&["init", "--quiet"], options].concat());
        new
    }

    fn git(&self, args: &[&str]) {
        let settings =
            ["user.name=x", "user.email=x@x", "commit.gpgsign=false", "protocol.file.allow=always"];
        let settings = settings.iter().flat_map(|setting| ["-c", setting]);
        let mut command = Command::new("git");
        command.args(settings).args(args).current_dir(&self.root).env("GIT_CONFIG_GLOBAL", "/dev/null");
        assert!(command.status().unwrap().success(), "git {args:?}");
    }

    fn write(&self, path: &str) {
        let file = self.root.join(path);
        fs_err::create_dir_all(file.parent().unwrap()).unwrap();
        fs_err::write(file, path).unwrap();
    }

    /// A few directories of tracked files, a file that is ignored although it is tracked, and rules.
    fn filled(options: &[&str]) -> Self {
        let new = Self::new(options);
        for path in ["a.go", "b/c.go", "b/c/d.go", "b.go", "b/ignored.pb.go", "ü/ö.go", ".gitignore"] {
            new.write(path);
        }
        fs_err::write(new.root.join(".gitignore"), "*.pb.go\n/build/\n").unwrap();
        new.git(&["add", "--force", "."]);
        new
    }

    fn files(&self) -> Files {
        Files::of(&self.root).unwrap()
    }
}

fn has(files: &Files, path: &str) -> bool {
    files.has(path).unwrap()
}

#[test]
fn belongs_what_is_tracked_or_new_and_not_ignored() {
    let repository = Repository::filled(&[]);
    for path in
        ["b/new.go", "b/new.pb.go", "build/x", "new/deep/x.go", "b/.c.go.swp", "b/c.go~", "b/.DS_Store"]
    {
        repository.write(path);
    }
    let files = repository.files();
    for path in ["a.go", "b/c.go", "b/c/d.go", "b/ignored.pb.go", "ü/ö.go", "b/new.go", "new/deep/x.go"] {
        assert!(has(&files, path), "{path}");
    }
    for path in ["b/new.pb.go", "build/x", "b/.c.go.swp", "b/c.go~", "b/.DS_Store"] {
        assert!(!has(&files, path), "{path}");
    }
    for (directory, reached) in
        [("b", true), ("b/c", true), ("new", true), ("build", false), ("b/none", false)]
    {
        assert_eq!(files.reaches(directory).unwrap(), reached, "{directory}");
    }
}

#[test]
fn git_is_not_started_for_what_is_tracked() {
    let repository = Repository::filled(&[]);
    let files = repository.files();
    // Without its directory git can answer nothing.
    fs_err::rename(repository.root.join(".git"), repository.root.join("gone")).unwrap();
    assert!(has(&files, "b/c.go") && files.reaches("b/c").unwrap());
    assert!(files.has("b/new.go").is_err());
}

#[test]
fn a_leftover_that_is_tracked_belongs() {
    let repository = Repository::filled(&[]);
    repository.write("b/.x.swp");
    repository.git(&["add", "b/.x.swp"]);
    assert!(has(&repository.files(), "b/.x.swp"));
}

#[test]
fn without_git_all_files_belong() {
    let temp = tempfile::tempdir().unwrap();
    let files = Files::of(Utf8Path::from_path(temp.path()).unwrap()).unwrap();
    assert!(has(&files, "any/file.go") && files.reaches("any").unwrap());
    assert!(!has(&files, "any/file.go~"));
}

#[test]
fn a_repository_above_counts_where_it_has_files_here() {
    let repository = Repository::filled(&[]);
    repository.write("b/c/new.pb.go");
    let below = Files::of(&repository.root.join("b")).unwrap();
    assert!(has(&below, "c.go") && has(&below, "c/d.go") && !has(&below, "c/new.pb.go"));
    repository.write("build/unpacked/x.pb.go");
    assert!(has(&Files::of(&repository.root.join("build/unpacked")).unwrap(), "x.pb.go"));
}

#[test]
fn every_format_of_an_index_says_the_same() {
    for options in [
        &["index.version=2"][..],
        &["index.version=3"],
        &["index.version=4"],
        &["index.skipHash=true"],
        &["core.splitIndex=true"],
        &["core.untrackedCache=true", "index.version=4"],
    ] {
        let repository = Repository::filled(&[]);
        for option in options {
            let (name, value) = option.split_once('=').unwrap();
            repository.git(&["config", name, value]);
        }
        repository.write("z/intended.go");
        // The only flag that wants the third version.
        repository.git(&["add", "--intent-to-add", "z/intended.go"]);
        let split = options[0].starts_with("core.split");
        let bytes = fs_err::read(repository.root.join(".git/index")).unwrap();
        assert_eq!(index::parse(&bytes, "").is_none(), split, "{options:?}");
        let files = repository.files();
        for path in listed(&repository.root) {
            assert!(has(&files, &path), "{options:?}: {path}");
        }
        assert!(!has(&files, "b/none.pb.go"), "{options:?}");
    }
}

#[test]
fn an_index_of_another_hash_is_left_to_git() {
    let repository = Repository::filled(&["--object-format=sha256"]);
    let bytes = fs_err::read(repository.root.join(".git/index")).unwrap();
    assert_eq!(index::parse(&bytes, ""), None);
    assert!(has(&repository.files(), "b/c/d.go"));
}

#[test]
fn linked_checkouts_and_submodules_are_read() {
    let (outer, inner) = (Repository::filled(&[]), Repository::filled(&[]));
    for repository in [&outer, &inner] {
        repository.git(&["commit", "--quiet", "--message", "x"]);
    }
    outer.git(&["submodule", "--quiet", "add", inner.root.as_str(), "modules/inner"]);
    let files = outer.files();
    assert!(has(&files, "modules/inner/a.go") && files.reaches("modules").unwrap());
    assert!(files.reaches("modules/inner/b").unwrap() && !has(&files, "modules/other.pb.go"));
    outer.git(&["worktree", "add", "--quiet", "../linked"]);
    let linked = Files::of(&outer.root.with_file_name("linked")).unwrap();
    assert!(has(&linked, "b/c.go") && !has(&linked, "b/x.pb.go"));
}

#[test]
fn an_unmerged_path_is_one_path() {
    let repository = Repository::filled(&[]);
    repository.git(&["commit", "--quiet", "--message", "x"]);
    for branch in ["one", "two"] {
        repository.git(&["checkout", "--quiet", "-b", branch, "HEAD"]);
        fs_err::write(repository.root.join("a.go"), branch).unwrap();
        repository.git(&["commit", "--quiet", "--all", "--message", branch]);
        repository.git(&["checkout", "--quiet", "--detach", "HEAD~1"]);
    }
    repository.git(&["checkout", "--quiet", "one"]);
    let merge = Command::new("git").args(["merge", "two"]).current_dir(&repository.root).output().unwrap();
    assert!(!merge.status.success());
    let bytes = fs_err::read(repository.root.join(".git/index")).unwrap();
    let files = index::parse(&bytes, "").unwrap().files;
    assert_eq!(files.iter().filter(|path| *path == "a.go").count(), 1);
}

fn listed(root: &Utf8Path) -> Vec<String> {
    let output = Git::new(root, true).output(&["ls-files", "-z"]).unwrap();
    output
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
        .map(|name| String::from_utf8(name.to_vec()).unwrap())
        .collect()
}

proptest::proptest! {
    #[test]
    fn no_bytes_bring_the_reader_down(mut bytes: Vec<u8>, at: usize, value: u8, cut: usize) {
        let _ = index::parse(&bytes, "");
        // An index with one byte changed, and one that is cut off.
        bytes = include_bytes!("index").to_vec();
        let at = at % bytes.len();
        bytes[at] = value;
        let _ = index::parse(&bytes, "");
        bytes.truncate(cut % (bytes.len() + 1));
        let _ = index::parse(&bytes, "");
    }
}
