//! Undeclared inputs: a build sees a copied tree that holds declared files alone, so a file that the manifest forgot is
//! not found. This file finds the forgotten file's name in the failed step's log and says which line to add.
//!
//! A copied tree rather than strace (slows every compiler call several times over) or fanotify (root, and blind in
//! containers): it needs no privilege, costs a few reflinks, and is what the container realm does as well.

use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeSet;

/// One of the files that were staged which is no longer there: who misses it does not miss a declaration.
pub fn vanished(declared: &BTreeSet<Utf8PathBuf>, staged: &[Utf8PathBuf]) -> Option<Utf8PathBuf> {
    let files = staged.iter().flat_map(|dir| declared.iter().map(move |file| dir.join(file)));
    files.into_iter().find(|file| file.symlink_metadata().is_err())
}

/// Repository files that `log` says are missing below one of `staged`.
pub fn undeclared(log: &str, staged: &[Utf8PathBuf], root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut found = BTreeSet::new();
    for line in log.lines() {
        for word in line.split(|c: char| c.is_whitespace() || "\"'`(),;<>".contains(c)) {
            let word = word.trim_end_matches([':', '.']);
            for candidate in candidates(word, staged) {
                if root.join(&candidate).is_file() && staged.iter().all(|dir| !dir.join(&candidate).exists())
                {
                    found.insert(candidate);
                }
            }
        }
    }
    found.into_iter().collect()
}

/// What a word of a log may mean as a root-relative path: an absolute path into a staged tree, or an include that is
/// looked for in any directory of the staged tree.
fn candidates(word: &str, staged: &[Utf8PathBuf]) -> Vec<Utf8PathBuf> {
    if word.is_empty() || !word.contains('.') {
        return Vec::new();
    }
    for dir in staged {
        if let Ok(inside) = Utf8Path::new(word).strip_prefix(dir) {
            return normal(inside).into_iter().collect();
        }
    }
    if word.starts_with('/') || word.starts_with('-') {
        return Vec::new();
    }
    let mut candidates: Vec<Utf8PathBuf> = normal(Utf8Path::new(word)).into_iter().collect();
    for dir in staged {
        for entry in
            walkdir::WalkDir::new(dir).into_iter().flatten().filter(|entry| entry.file_type().is_dir())
        {
            let below = Utf8Path::from_path(entry.path()).and_then(|path| path.strip_prefix(dir).ok());
            candidates.extend(below.and_then(|below| normal(&below.join(word))));
        }
    }
    candidates
}

/// The path without `.` and `..`; none if it leaves the root.
fn normal(path: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.as_str().split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/").into())
}

/// Those of `settings` that CMake says in `log` that it read nowhere: a list below a heading, up to an empty line.
pub fn unread<'a>(log: &str, settings: impl IntoIterator<Item = &'a String>) -> Vec<&'a String> {
    let mut lines = log.lines();
    let heading =
        lines.any(|line| line.trim() == "Manually-specified variables were not used by the project:");
    let names = lines.map(str::trim).skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    let names: BTreeSet<&str> = if heading { names.collect() } else { BTreeSet::new() };
    settings.into_iter().filter(|key| names.contains(key.as_str())).collect()
}

/// What to tell about an undeclared input; `is_ignored` by git.
pub fn advice(files: &[Utf8PathBuf], manifest: &Utf8Path, is_ignored: impl Fn(&Utf8Path) -> bool) -> String {
    let line = |file: &Utf8PathBuf| {
        if is_ignored(file) {
            format!(
                "the build reads {file}, which git ignores, so that a fresh clone does not have it; have a step make it, \
                 or, if it is made before each build, add to {manifest} below `inputs:`\n  generated:\n    - {file}"
            )
        } else {
            format!(
                "the build reads {file}, which {manifest} does not declare; add below `inputs:`\n  - {file}"
            )
        }
    };
    files.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_forgotten_file_in_compiler_and_cmake_messages() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let (root, staged) = (dir.join("repo"), dir.join("b/src"));
        fs_err::create_dir_all(root.join("backend/cpp/x")).unwrap();
        fs_err::create_dir_all(staged.join("backend/cpp/x")).unwrap();
        for file in ["backend/backend.proto", "backend/cpp/x/extra.h", "backend/cpp/x/main.cpp"] {
            fs_err::write(root.join(file), "").unwrap();
        }
        fs_err::write(staged.join("backend/cpp/x/main.cpp"), "").unwrap();
        let log = format!(
            "{staged}/backend/cpp/x/main.cpp:1:10: fatal error: extra.h: No such file or directory\n\
             {staged}/backend/cpp/x/../../backend.proto: No such file or directory.\n\
             unrelated.h is fine\n"
        );
        let found = undeclared(&log, &[staged], &root);
        assert_eq!(found, ["backend/backend.proto", "backend/cpp/x/extra.h"]);
    }

    #[test]
    fn what_cmake_read_nowhere_is_told_from_what_it_read() {
        let log = "-- Configuring done\nCMake Warning:\n  Manually-specified variables were not used by the project:\n\n    \
                   FIRST\n    SECOND\n\n\n-- Build files have been written to: THIRD\n";
        let settings = ["SECOND", "THIRD", "SEC"].map(str::to_owned);
        assert_eq!(unread(log, &settings), ["SECOND"]);
        assert!(unread("-- Build files\n\nSECOND\n", &settings).is_empty());
    }

    #[test]
    fn a_staged_file_that_is_gone_is_no_undeclared_one() {
        let dir = tempfile::tempdir().unwrap();
        let staged = Utf8Path::from_path(dir.path()).unwrap().join("src");
        fs_err::create_dir_all(&staged).unwrap();
        let declared: BTreeSet<Utf8PathBuf> = ["a.h".into(), "b.h".into()].into();
        for file in &declared {
            fs_err::write(staged.join(file), "").unwrap();
        }
        assert_eq!(vanished(&declared, std::slice::from_ref(&staged)), None);
        fs_err::remove_file(staged.join("b.h")).unwrap();
        assert_eq!(vanished(&declared, std::slice::from_ref(&staged)), Some(staged.join("b.h")));
        fs_err::remove_dir_all(&staged).unwrap();
        assert!(vanished(&declared, &[staged]).is_some());
    }

    #[test]
    fn declared_files_and_strangers_are_not_reported() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let (root, staged) = (dir.join("repo"), dir.join("b/src"));
        fs_err::create_dir_all(&root).unwrap();
        fs_err::create_dir_all(&staged).unwrap();
        fs_err::write(root.join("a.h"), "").unwrap();
        fs_err::write(staged.join("a.h"), "").unwrap();
        assert!(undeclared("error in a.h and /etc/passwd.conf and ../../x.h", &[staged], &root).is_empty());
    }
}
