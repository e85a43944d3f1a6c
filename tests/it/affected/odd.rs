//! Odd names, line ends, submodules, merges, very many files.

use super::repository::{Repository, git};
use crate::checkout::Checkout;
use std::fs;
use std::time::Instant;

const MAIN: &str = "backend/cpp/llama-cpp/src/main.cpp";

#[test]
fn names_may_hold_anything() {
    let repository = Repository::of(Checkout::named("a b/ünï ç'ode $HOME \"x\""));
    let odd =
        ["ünï çode.go", "new\nline.go", "tab\there.go", "\"quoted\" \\ $(x) `y`.go", "-n.go", ":(top)x.go"];
    let base = repository.commit();
    for name in odd {
        repository.write(&format!("backend/go/local-store/{name}"), "package main\n");
    }
    for head in [None, Some(repository.commit())] {
        let mut args = vec!["--base", &base];
        args.extend(head.iter().flat_map(|head| ["--head", head]));
        let answer = repository.affected(&args);
        assert_eq!((&*answer.evidence, &answer.backends()[..]), ("keys", &["local-store"][..]));
        let files: Vec<&str> = answer.units["local-store cpu linux/amd64"]
            .iter()
            .map(|reason| reason["what"].as_str().unwrap().rsplit('/').next().unwrap())
            .collect();
        assert_eq!(files.len(), odd.len(), "{files:?}");
        assert!(odd.iter().all(|name| files.contains(name)), "{files:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_has_a_name_that_is_no_text_is_no_input_and_touches_nothing() {
    use std::os::unix::ffi::OsStrExt;
    let repository = Repository::new();
    let dir = repository.checkout.root.join("backend/go/local-store");
    let path = |name: &[u8]| dir.join(std::ffi::OsStr::from_bytes(name));
    fs::write(path(b"caf\xe9.go"), "a").unwrap();
    fs::write(path(b"caf\xe8.go"), "b").unwrap();
    let base = repository.commit();
    fs::write(path(b"caf\xe9.go"), "c").unwrap();
    let head = repository.commit();
    let answer = repository.affected(&["--base", &base, "--head", &head]);
    assert!(answer.units.is_empty(), "{answer:?}");
}

#[test]
fn line_ends_of_the_working_tree_are_not_changes() {
    let repository = Repository::new();
    repository.git(&["config", "core.autocrlf", "true"]);
    repository.git(&["rm", "--quiet", "-r", "--cached", "."]);
    repository.git(&["reset", "--quiet", "--hard"]);
    assert!(repository.checkout.read(MAIN).contains("\r\n"), "git wrote other line ends");
    assert_eq!(repository.affected(&["--base", "HEAD"]).backends(), [""; 0]);
    let text = repository.checkout.read(MAIN);
    repository.write(MAIN, &format!("{text}int added;\r\n"));
    assert_eq!(repository.affected(&["--base", "HEAD"]).backends(), ["llama-cpp"]);
}

#[test]
fn a_submodule_that_moves_touches_who_reads_it() {
    let repository = Repository::new();
    let other = repository.checkout.dir().join("other");
    fs::create_dir(&other).unwrap();
    let commit = |text: &str| {
        fs::write(other.join("file.go"), text).unwrap();
        git(&other, &["add", "."]);
        git(&other, &["commit", "--quiet", "--message", "x"]);
    };
    git(&other, &["init", "--quiet"]);
    commit("a");
    let source = other.to_str().unwrap();
    repository.git(&["submodule", "--quiet", "add", source, "backend/go/local-store/vendor/other"]);
    repository.git(&["submodule", "--quiet", "add", source, "docs/other"]);
    let base = repository.commit();
    commit("b");
    let advance = |path: &str| {
        git(&repository.checkout.root.join(path), &["pull", "--quiet"]);
    };
    advance("docs/other");
    assert_eq!(repository.affected(&["--base", &base]).backends(), [""; 0]);
    advance("backend/go/local-store/vendor/other");
    assert_eq!(repository.affected(&["--base", &base]).backends(), ["local-store"]);
    let head = repository.commit();
    let answer = repository.affected(&["--base", &base, "--head", &head]);
    assert_eq!(answer.backends(), ["local-store"]);
    assert!(answer.reasons().contains("vendor/other"), "{answer:?}");
    fs::write(repository.checkout.root.join("backend/go/local-store/vendor/other/file.go"), "c").unwrap();
    assert_eq!(repository.affected(&["--base", &head]).backends(), ["local-store"], "edited in place");
}

#[test]
fn a_merge_counts_with_both_of_its_sides() {
    let repository = Repository::new();
    let base = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&["checkout", "--quiet", "-b", "side"]);
    repository.write("backend/python/minilm/server.py", "# side\n");
    let side = repository.commit();
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("backend/go/local-store/main.go", "package main // main\n");
    let main = repository.commit();
    repository.git(&["merge", "--quiet", "--no-ff", "--message", "x", "side"]);
    let touched = |base: &str| repository.affected(&["--base", base]).backends().join(" ");
    assert_eq!(touched(&base), "local-store minilm");
    assert_eq!((touched(&main), touched(&side)), ("minilm".to_owned(), "local-store".to_owned()));

    let parted = repository.run(&["affected", "--base", &side, "--head", &main]);
    assert!(parted.err.contains("no ancestor") && parted.err.contains("minilm").eq(&false), "{parted:?}");
}

#[test]
fn a_conflict_counts_as_an_edit() {
    let repository = Repository::new();
    repository.git(&["checkout", "--quiet", "-b", "side"]);
    repository.write(MAIN, "side\n");
    repository.commit();
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write(MAIN, "main\n");
    let main = repository.commit();
    let merge = std::process::Command::new("git")
        .args(["-c", "user.name=x", "-c", "user.email=x@x", "merge", "--quiet", "side"])
        .current_dir(&repository.checkout.root)
        .output()
        .unwrap();
    assert!(!merge.status.success(), "both wrote the same line");
    assert_eq!(repository.affected(&["--base", &main]).backends(), ["llama-cpp"]);
}

#[test]
fn what_git_ignores_is_no_change_and_what_is_new_is_one() {
    let repository = Repository::new();
    repository.write(".gitignore", "*.tmp\n");
    repository.commit();
    repository.write("backend/go/local-store/x.tmp", "");
    assert_eq!(repository.affected(&["--base", "HEAD"]).backends(), [""; 0]);
    repository.write("backend/go/local-store/x.go", "");
    assert_eq!(repository.affected(&["--base", "HEAD"]).backends(), ["local-store"]);
    assert_eq!(repository.affected(&["--base", "HEAD", "--head", "HEAD"]).backends(), [""; 0]);
}

#[test]
fn five_thousand_files_are_no_matter() {
    let repository = Repository::new();
    let base = repository.git(&["rev-parse", "HEAD"]);
    for number in 0..5000 {
        let dir = if number % 2 == 0 { "docs" } else { "backend/go/local-store/data" };
        repository.write(&format!("{dir}/{}/{number}.txt", number % 50), &number.to_string());
    }
    let head = repository.commit();
    let began = Instant::now();
    let answer = repository.affected(&["--base", &base, "--head", &head]);
    let took = began.elapsed();
    assert_eq!(answer.backends(), ["local-store"]);
    assert_eq!(answer.units["local-store cpu linux/arm64"].len(), 2500);
    assert!(took.as_secs() < 10, "{took:?}");
}

#[test]
fn a_checkout_may_be_a_directory_of_a_larger_repository() {
    let checkout = Checkout::named("outer/inner");
    let outer = checkout.root.parent().unwrap().to_owned();
    git(&outer, &["init", "--quiet"]);
    git(&outer, &["add", "--all"]);
    git(&outer, &["commit", "--quiet", "--message", "x"]);
    let repository = Repository { checkout };
    fs::write(outer.join("beside"), "").unwrap();
    assert_eq!(repository.affected(&["--base", "HEAD"]).backends(), [""; 0]);
    repository.write("backend/go/local-store/main.go", "package main // inner\n");
    let answer = repository.affected(&["--base", "HEAD"]);
    assert_eq!((&*answer.evidence, &answer.backends()[..]), ("keys", &["local-store"][..]));
}
