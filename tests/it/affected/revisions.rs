//! Revisions as people name them, and what is said to people.

use super::repository::Repository;
use crate::checkout::Checkout;

#[test]
fn without_a_base_the_upstream_is_compared_with_and_said_so() {
    let repository = Repository::new();
    repository.write("backend/go/local-store/main.go", "package main // local\n");
    let ran = repository.run(&["affected"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("HEAD (") && ran.out.contains("→ the working tree"), "{ran:?}");
    assert!(ran.err.contains("no upstream"), "{ran:?}");

    repository.git(&["branch", "upstream"]);
    repository.git(&["branch", "--quiet", "--set-upstream-to=upstream"]);
    repository.commit();
    let ran = repository.run(&["affected"]);
    assert!(ran.out.starts_with("merge base with upstream ("), "{ran:?}");
    assert!(ran.out.contains("local-store: all variants (2 of 2)"), "{ran:?}");
    assert!(ran.out.contains("  file backend/go/local-store/main.go: changed"), "{ran:?}");
    assert!(ran.err.contains("2 of 10 units are touched"), "{ran:?}");
}

#[test]
fn variants_and_platforms_are_told_in_few_words() {
    let repository = Repository::new();
    let manifest = "backend/variants.yaml";
    let text = repository.checkout.read(manifest);
    let (before, after) = text.split_once("  vulkan-amd64:").unwrap();
    repository.write(manifest, &format!("{before}  vulkan-amd64:{}", after.replacen("24.04", "26.04", 1)));
    let ran = repository.run(&["affected", "--base", "HEAD", "--explain"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("llama-cpp: vulkan on linux/amd64 (1 of 6)\n"), "{ran:?}");
    assert!(ran.out.contains("  base image: ubuntu:24.04 → ubuntu:26.04\n"), "{ran:?}");
}

#[test]
fn an_unknown_revision_is_a_mistake_with_a_suggestion() {
    let repository = Repository::new();
    repository.git(&["branch", "release"]);
    let cases: [(&[&str], &str); 6] = [
        (&["--base", "relaese"], "did you mean `release`"),
        (
            &["--base", "HEAD", "--head", "mian"],
            "--head: there is no revision `mian` here; did you mean `main`",
        ),
        (&["--base=--output=x"], "there is no revision"),
        (&["--base", "HEAD..main"], "there is no revision"),
        (&["--base", ""], "there is no revision"),
        (&["--head", "HEAD"], "--base <REV>"),
    ];
    for (args, expected) in cases {
        let ran = repository.run(&[&["affected"], args].concat());
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(ran.err.contains(expected), "{args:?}: {ran:?}");
        assert_eq!(ran.out, "", "{args:?}");
    }
    assert!(!repository.checkout.root.join("x").exists());
}

#[test]
fn without_a_repository_or_a_commit_everything_is_touched() {
    let checkout = Checkout::new();
    let ran = checkout.run(&["affected"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("by everything: ") && ran.out.contains("not a git repository"), "{ran:?}");
    assert_eq!(checkout.run(&["affected", "--base", "HEAD"]).code, 2);
    super::repository::git(&checkout.root, &["init", "--quiet"]);
    assert!(checkout.out(&["affected"]).contains("there is no commit yet"));
}

#[test]
fn a_base_whose_manifests_cannot_be_read_leaves_the_list_of_files() {
    let repository = Repository::new();
    let manifest = "backend/python/minilm/backend.yaml";
    let good = repository.checkout.read(manifest);
    repository.write(manifest, &good.replace("task: embed", "tusk: embed"));
    let base = repository.commit();
    repository.write(manifest, &good);
    repository.write("backend/go/local-store/main.go", "package main // new\n");
    repository.write("README.md", "# New\n");
    let answer = repository.affected(&["--base", &base]);
    assert_eq!((&*answer.evidence, &answer.backends()[..]), ("globs", &["local-store", "minilm"][..]));
    assert!(answer.why.contains("backend/python/minilm/backend.yaml:"), "{answer:?}");
    repository.write(manifest, &good.replace("task: embed", "tusk: embed"));
    repository.commit();
    repository.write(manifest, &good);
    let ran = repository.run(&["affected", "--base", "HEAD", "--head", "HEAD"]);
    assert_eq!(ran.code, 2, "what is built must be right: {ran:?}");
}

#[test]
fn settings_and_variables_of_git_change_nothing() {
    let repository = Repository::new();
    repository.write("backend/go/local-store/main.go", "package main // new\n");
    let settings = [
        ("diff.external", "false"),
        ("diff.renames", "copies"),
        ("diff.noprefix", "true"),
        ("diff.orderFile", "/nowhere"),
        ("core.fsmonitor", "false-program"),
        ("core.quotePath", "true"),
        ("color.ui", "always"),
        ("diff.ignoreSubmodules", "all"),
        ("log.showSignature", "true"),
    ];
    for (key, value) in settings {
        repository.git(&["config", key, value]);
    }
    let mut command = repository.checkout.command(&["affected", "--base", "HEAD", "--json"]);
    for (name, value) in [
        ("GIT_DIR", "/nowhere"),
        ("GIT_WORK_TREE", "/nowhere"),
        ("GIT_INDEX_FILE", "/nowhere"),
        ("GIT_EXTERNAL_DIFF", "false"),
        ("GIT_PAGER", "false"),
        ("LC_ALL", "de_DE.UTF-8"),
    ] {
        command.env(name, value);
    }
    let ran = crate::checkout::ran(&mut command);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(super::repository::Answer::read(&ran.out).backends(), ["local-store"]);
}
