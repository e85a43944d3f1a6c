//! Errors say each thing once, and what is in a file's name stays what it is.

use crate::affected::repository::git;
use crate::checkout::{Checkout, Ran, ran, repository};
use std::fs;
use std::path::Path;

/// Everything that the system is asked for fails here in its own way.
fn failures() -> Vec<(&'static str, Ran)> {
    let mut all = Vec::new();
    let mut fails = |what, spoil: &dyn Fn(&mut Checkout) -> Vec<&'static str>| {
        let mut checkout = Checkout::new();
        let args = spoil(&mut checkout);
        all.push((what, checkout.run(&args)));
    };
    fails("a cache that is a file", &|checkout| {
        fs::write(&checkout.cache, "").unwrap();
        vec!["cache", "stat"]
    });
    fails("a cache below a file", &|checkout| {
        checkout.cache = checkout.root.join("backend/variants.yaml/cache");
        vec!["build-backend", "llama-cpp", "--dry-run"]
    });
    fails("a marker that is a directory", &|checkout| {
        fs::create_dir_all(checkout.cache.join("v1/format")).unwrap();
        vec!["cache", "ls"]
    });
    fails("manifests that are gone", &|checkout| {
        fs::remove_file(checkout.root.join("backend/sources.yaml")).unwrap();
        vec!["list"]
    });
    fails("a patch that is gone", &|checkout| {
        fs::remove_file(checkout.root.join("backend/patches/llama.cpp/one.patch")).unwrap();
        vec!["sources", "--check", "--offline"]
    });
    fails("a record that is a directory", &|checkout| {
        let sources = checkout.cache.join("v1/scratch/sources");
        fs::create_dir_all(&sources).unwrap();
        fs::write(sources.join("locks"), "").unwrap();
        vec!["sources", "--check", "--offline"]
    });
    fails("a matrix that is gone", &|_| vec!["matrix", "--matrix-file", "none.yml"]);
    fails("a directory that cannot be written", &|_| {
        vec!["import-matrix", "none", "--emit-yaml", "/nonexistent/x"]
    });
    fails("a package that is gone", &|_| vec!["run-backend", "llama-cpp", "--package", "none", "--offline"]);
    fails("a key without a document", &|checkout| {
        checkout.pretend_built("llama-cpp");
        let entries = checkout.cache.join("v1/entries");
        for entry in fs::read_dir(entries).unwrap() {
            let document = entry.unwrap().path().join("key.json");
            fs::remove_file(&document).unwrap();
            fs::create_dir(&document).unwrap();
        }
        vec!["cache", "verify"]
    });
    fails("a registry that is not there", &|_| vec!["cache", "ls", "--registry", "127.0.0.1:1/x"]);
    all
}

#[test]
fn what_the_system_said_is_said_once() {
    let all = failures();
    assert!(all.iter().filter(|(_, ran)| ran.err.contains("(os error ")).count() > 4, "{all:#?}");
    for (what, ran) in all {
        assert_ne!(ran.code, 0, "{what}: {ran:?}");
        for line in ran.err.lines() {
            let words: Vec<&str> = line.split(": ").collect();
            for (at, part) in words.iter().enumerate().filter(|(_, part)| part.contains(' ')) {
                assert!(!words[at + 1..].contains(part), "{what}: {part:?} is said twice in {line:?}");
            }
            assert!(line.matches("(os error ").count() <= 1, "{what}: {line}");
        }
    }
}

/// An error's own text is whole, so what caused it is no source: a chain would say it again.
#[test]
fn no_error_names_its_cause_twice() {
    let mut looked_at = 0;
    for file in walkdir::WalkDir::new(repository().join("xtask")) {
        let file = file.unwrap();
        let rust = file.path().extension().is_some_and(|end| end == "rs");
        if !rust || file.path().components().any(|part| part.as_os_str() == "target") {
            continue;
        }
        let text = fs::read_to_string(file.path()).unwrap();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate() {
            let place = format!("{}:{}", file.path().display(), at + 1);
            assert!(!line.starts_with("#[source]"), "{place}: name it in the text, or here, not both");
            if line.starts_with("#[error(") {
                looked_at += 1;
                let tail = &lines[at..lines.len().min(at + 12)];
                let end = tail.iter().position(|line| line.ends_with(")]")).unwrap_or(0);
                let text = tail[..=end].concat();
                assert!(!text.contains("{source"), "{place}: a field `source` is the cause as well");
                let from = tail.iter().skip(end + 1).take(2).any(|line| line.contains("#[from]"));
                assert!(
                    !from || text.contains("transparent"),
                    "{place}: `#[from]` makes it the cause as well"
                );
            }
        }
    }
    assert!(looked_at > 100, "{looked_at} texts of errors");
}

/// A name that a terminal, a reader or GitHub would obey.
const ODD: &str = "a\u{1b}[31m\n::error::no\r%0A ##[error]no.go";

fn has_odd_file() -> Checkout {
    let checkout = Checkout::new();
    let dir = checkout.root.join("backend/go/local-store");
    git(&checkout.root, &["init", "--quiet"]);
    git(&checkout.root, &["add", "."]);
    git(&checkout.root, &["commit", "--quiet", "--message", "x"]);
    fs::write(dir.join(ODD), "package main\n").unwrap();
    checkout
}

#[test]
fn odd_names_of_files_are_shown_and_not_obeyed() {
    let checkout = has_odd_file();
    for env in [&[][..], &[("CI", "true"), ("GITHUB_ACTIONS", "true")]] {
        let mut shown = 0;
        for args in [
            &["affected", "--base", "HEAD", "--explain"][..],
            &["why", "local-store"],
            &["build-backend", "local-store", "--dry-run"],
            &["check"],
            &["build-backend", ODD],
            &["cache", "gc", "--registry", ODD],
        ] {
            let all = [args, &["--color", "always"]].concat();
            let ran = ran(checkout.command(&all).envs(env.iter().copied()));
            shown += usize::from(inert(&ran, !env.is_empty()));
        }
        assert!(shown > 1, "nobody shows the name");
    }
    let written = ran(&mut checkout.command(&["affected", "--base", "HEAD", "--json"]));
    assert!(written.out.contains(r"\u001b[31m\n::error::no"), "programs get it as it is: {written:?}");
}

/// Nothing of the name does anything; whether it is shown at all.
fn inert(ran: &Ran, on_github: bool) -> bool {
    for line in ran.out.lines().chain(ran.err.lines()) {
        let command = if on_github { line.trim_start() } else { line };
        assert!(!command.starts_with("::error::no") && !line.contains('\r'), "{ran:?}");
        assert!(!on_github || !line.contains("##[error]"), "{ran:?}");
    }
    let both = format!("{}{}", ran.out, ran.err);
    assert!(!both.contains("a\u{1b}[31m"), "{ran:?}");
    both.contains(r"a\u{1b}[31m")
}

#[test]
fn annotations_of_github_are_one_line_each() {
    let checkout = has_odd_file();
    let path = Path::new("backend/go/local-store").join(ODD);
    fs::write(checkout.root.join(path), ["\u{1b}[31m FIX", "ME\n"].concat()).unwrap();
    let mut command = checkout.command(&["check"]);
    let ran = ran(command.env("CI", "true").env("GITHUB_ACTIONS", "true"));
    for line in ran.out.lines().chain(ran.err.lines()).filter(|line| line.trim_start().starts_with("::")) {
        assert!(line.starts_with("::error") || line.starts_with("::warning"), "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
    }
}
