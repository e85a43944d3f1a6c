//! Which files of a checkout are inputs: those that git would check out, or has not been told to ignore.

use crate::affected::repository::Repository;
use crate::checkout::{Checkout, repository as this_repository};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

const DIR: &str = "backend/cpp/llama-cpp/src";

/// What editors, file managers and broken archives leave beside sources.
fn leave_rubbish(root: &Path) {
    for name in [".main.cpp.swp", "main.cpp~", "4913", ".#main.cpp", "#main.cpp#", ".DS_Store"] {
        fs::write(root.join(DIR).join(name), "rubbish").unwrap();
    }
    fs::write(root.join(DIR).join(std::ffi::OsStr::from_bytes(b"\xff.cpp")), "rubbish").unwrap();
}

#[test]
fn what_nobody_wrote_changes_no_key_in_git_and_out_of_it() {
    let plain = Checkout::new();
    let before = plain.hash(&["llama-cpp"]);
    leave_rubbish(&plain.root);
    assert_eq!(plain.hash(&["llama-cpp"]), before);
    let said = plain.run(&["hash", "llama-cpp"]);
    assert!(said.err.contains("its name is not UTF-8"), "{said:?}");

    let repository = Repository::new();
    assert_eq!(repository.checkout.hash(&["llama-cpp"]), before, "the same files, with git");
    leave_rubbish(&repository.checkout.root);
    assert_eq!(repository.checkout.hash(&["llama-cpp"]), before);
    assert!(repository.affected(&["--base", "HEAD"]).units.is_empty());
}

#[test]
fn what_git_ignores_is_no_input_unless_it_is_generated_on_purpose() {
    let repository = Repository::new();
    repository.write(".gitignore", "*.pb.cpp\n/backend/cpp/llama-cpp/made/\n");
    repository.git(&["add", "."]);
    repository.git(&["commit", "--quiet", "--message", "ignore"]);
    let checkout = &repository.checkout;
    let before = checkout.hash(&["llama-cpp"]);
    checkout.write("backend/cpp/llama-cpp/src/stub.pb.cpp", "int stub;\n");
    checkout.write("backend/cpp/llama-cpp/made/deep/x.cpp", "int x;\n");
    assert_eq!(checkout.hash(&["llama-cpp"]), before, "a fresh clone has none of it");
    checkout.write("backend/cpp/llama-cpp/src/new.cpp", "int y;\n");
    let with_new = checkout.hash(&["llama-cpp"]);
    assert_ne!(with_new, before, "a new file is about to be added");
    repository.git(&["add", "backend/cpp/llama-cpp/src/new.cpp"]);
    assert_eq!(checkout.hash(&["llama-cpp"]), with_new);
    repository.git(&["add", "--force", "backend/cpp/llama-cpp/src/stub.pb.cpp"]);
    let tracked = checkout.hash(&["llama-cpp"]);
    assert_ne!(tracked, with_new, "what is tracked is checked out, whatever the rules say");
    checkout.replace(
        "backend/cpp/llama-cpp/backend.yaml",
        "inputs:\n",
        "inputs:\n  generated: [backend/cpp/llama-cpp/made/**]\n",
    );
    let generated = checkout.hash(&["llama-cpp"]);
    assert_ne!(generated, tracked);
    checkout.write("backend/cpp/llama-cpp/made/deep/x.cpp", "int z;\n");
    assert_ne!(checkout.hash(&["llama-cpp"]), generated);
}

/// A clone made with those settings of git.
fn clone(repository: &Repository, settings: &[&str]) -> Checkout {
    let clone = Checkout::named("clone");
    fs::remove_dir_all(&clone.root).unwrap();
    let settings = settings.iter().flat_map(|setting| ["-c", setting]);
    let args = ["clone", "--quiet"].into_iter().chain(settings).chain([".", clone.root.to_str().unwrap()]);
    repository.git(&args.collect::<Vec<_>>());
    clone
}

#[test]
fn a_clone_has_the_key_of_the_checkout_that_it_is_of() {
    let repository = Repository::new();
    leave_rubbish(&repository.checkout.root);
    let clone = clone(&repository, &[]);
    for backend in ["llama-cpp", "local-store", "minilm"] {
        assert_eq!(clone.hash(&[backend]), repository.checkout.hash(&[backend]), "{backend}");
    }
}

#[test]
fn line_ends_are_the_same_wherever_it_is_cloned() {
    let repository = Repository::new();
    let key = |checkout: &Checkout| ["llama-cpp", "local-store", "minilm"].map(|name| checkout.hash(&[name]));
    let before = key(&repository.checkout);
    assert_ne!(key(&clone(&repository, &["core.autocrlf=true"])), before, "git turns what nothing holds");
    let attributes = fs::read_to_string(this_repository().join(".gitattributes")).unwrap();
    repository.write(".gitattributes", &attributes);
    repository.commit();
    for setting in ["core.autocrlf=true", "core.eol=crlf"] {
        assert_eq!(key(&clone(&repository, &[setting])), before, "{setting}");
    }
}
