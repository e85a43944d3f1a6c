//! Edits of what makes keys of manifests.

use super::repository::Repository;
use std::fs;

#[test]
fn where_the_planner_differs_the_registry_is_all_that_can_tell() {
    let repository = Repository::new();
    for (file, evidence) in [
        ("xtask/crates/ui/src/lib.rs", "keys"),
        ("xtask/crates/oci/src/lib.rs", "keys"),
        ("xtask/crates/ci/src/matrix/mod.rs", "keys"),
        ("xtask/crates/plan/src/recipe/go.rs", "everything"),
        ("xtask/crates/launcher/src/main.rs", "everything"),
        ("Cargo.lock", "everything"),
    ] {
        repository.git(&["reset", "--quiet", "--hard"]);
        repository.write(file, "//! New.\n");
        let answer = repository.affected(&["--base", "HEAD"]);
        assert_eq!(answer.evidence, evidence, "{file}: {answer:?}");
        assert_eq!(answer.units.len(), if evidence == "keys" { 0 } else { 10 }, "{file}");
        fs::remove_file(repository.checkout.root.join(file)).unwrap();
    }
    repository.write("xtask/crates/plan/src/key.rs", "//! New.\n");
    repository.write("backend/go/local-store/main.go", "package main // new\n");
    let said = repository.run(&["affected", "--base", "HEAD"]);
    assert!(said.out.contains("its own planner gave are unknown"), "{said:?}");
    assert!(said.out.contains("local-store: all variants") && !said.out.contains("minilm"), "{said:?}");
    assert!(said.err.contains("all 10 units may be touched"), "{said:?}");
}
