//! One rule a test: what an edit touches, and what it does not.

use super::repository::Repository;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const MAIN: &str = "backend/cpp/llama-cpp/src/main.cpp";
const PROTO: &str = "backend/backend.proto";
const BASELINE: &str = "backend/baseline.proto";
const TEMPLATE: &str = "docker/Dockerfile.golang";
const ALL: [&str; 3] = ["llama-cpp", "local-store", "minilm"];

/// The backends that an edit touches, by keys, whether it is committed or not.
fn touched(edit: impl FnOnce(&Repository)) -> Vec<String> {
    let repository = Repository::new();
    repository.write(TEMPLATE, "# Go.\nFROM scratch\n");
    let base = repository.commit();
    edit(&repository);
    let answer = repository.affected(&["--base", &base]);
    assert_eq!(answer.evidence, "keys", "{answer:?}");
    assert!(answer.units.values().all(|reasons| !reasons.is_empty()), "{answer:?}");
    let head = repository.commit();
    let committed = repository.affected(&["--base", &base, "--head", &head]);
    assert_eq!(committed.names(), answer.names(), "committed or not");
    answer.backends().into_iter().map(str::to_owned).collect()
}

#[test]
fn documents_tests_and_remarks_touch_nothing() {
    let none = touched(|repository| {
        repository.write("README.md", "# New\n");
        repository.write("docs/ci.md", "# New\n");
        repository.write("tests/it/new.rs", "//! New.\n");
        repository.write("backend/cpp/llama-cpp/README.md", "# New\n");
        repository.write(TEMPLATE, "# Other words.\n\nFROM scratch\n");
        for manifest in
            ["backend/sources.yaml", "backend/variants.yaml", "backend/go/local-store/backend.yaml"]
        {
            let text = repository.checkout.read(manifest);
            repository.write(manifest, &format!("{text}# A remark.\n"));
        }
    });
    assert_eq!(none, [""; 0]);
}

#[test]
fn a_source_touches_its_backend_and_a_shared_one_all_that_share_it() {
    assert_eq!(touched(|repository| repository.write(MAIN, "int main() { return 1; }\n")), ["llama-cpp"]);
    assert_eq!(touched(|repository| repository.write("backend/python/common/new.py", "")), ["minilm"]);
    assert_eq!(
        touched(|repository| fs::remove_file(repository.checkout.root.join(MAIN)).unwrap()),
        ["llama-cpp"]
    );
}

#[test]
fn an_additive_edit_of_the_protocol_touches_nothing_and_another_all() {
    let text = Repository::new().checkout.read(PROTO);
    let added = format!("// New.\n{text}\nmessage New {{ string name = 1; }}\n");
    assert_eq!(touched(|repository| repository.write(PROTO, &added)), [""; 0]);
    assert_eq!(touched(|repository| repository.write(PROTO, &text.replace('3', "2"))), ALL);
    assert_eq!(touched(|repository| fs::remove_file(repository.checkout.root.join(PROTO)).unwrap()), ALL);
}

#[test]
fn what_is_added_to_the_protocol_touches_who_names_it() {
    let text = Repository::new().checkout.read(PROTO);
    let old = format!("{text}message Old {{ string name = 1; }}\n");
    // Somebody names what was added before, and somebody what is yet to come.
    let edit = |file: &'static str, new: &str| {
        let repository = Repository::new();
        repository.write(BASELINE, &text);
        repository.write(PROTO, &old);
        repository.write("backend/go/local-store/main.go", "package main // OldRequest\n");
        repository.write("backend/python/minilm/server.py", "brand_new = 1\n");
        let (base, keys) = (repository.commit(), repository.keys());
        repository.write(file, new);
        let answer = repository.affected(&["--base", &base]);
        let changed = repository.keys().into_iter().filter(|(unit, key)| keys[unit] != *key);
        let changed: Vec<String> = changed.map(|(unit, _)| unit).collect();
        let is_known = |unit: &String| !unit.contains(" darwin/");
        assert_eq!(answer.names().into_iter().filter(is_known).collect::<Vec<_>>(), changed, "{answer:?}");
        answer.backends().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(edit(PROTO, &format!("{old}message Unheard {{}}\n// New.\n")), [""; 0]);
    assert_eq!(edit(PROTO, &old.replace("name = 1", "name = 2")), ["local-store"]);
    assert_eq!(edit(PROTO, &text), ["local-store"]);
    assert_eq!(edit(PROTO, &format!("{old}message BrandNew {{}}\n")), ["minilm"]);
    assert_eq!(edit(BASELINE, &old), ALL, "everything is built anew, with all that was added");
    assert_eq!(edit(PROTO, &text.replace('3', "2")), ALL);
}

#[test]
fn a_template_touches_its_family_in_containers() {
    assert_eq!(
        touched(|repository| repository.write(TEMPLATE, "# Go.\nFROM scratch AS x\n")),
        ["local-store"]
    );
    assert_eq!(touched(|repository| repository.write("docker/Dockerfile.root", "FROM scratch\n")), [""; 0]);
}

#[test]
fn a_pin_or_patch_touches_who_builds_from_it() {
    let pin = |from: &'static str| {
        touched(move |repository| repository.checkout.replace("backend/sources.yaml", from, "3333"))
    };
    assert_eq!(pin("2222"), ["llama-cpp"]);
    let patch = "backend/patches/llama.cpp/one.patch";
    assert_eq!(touched(|repository| repository.checkout.replace(patch, "int b", "int c")), ["llama-cpp"]);
}

#[test]
fn a_field_touches_the_units_that_it_reaches() {
    let manifest = "backend/cpp/llama-cpp/backend.yaml";
    let edit = |from: &'static str, to: &'static str| {
        touched(move |repository| repository.checkout.replace(manifest, from, to))
    };
    assert_eq!(edit("\"ON\"", "\"OFF\""), ["llama-cpp"]);
    assert_eq!(edit("Text generation", "Words"), [""; 0], "a description");
    assert_eq!(edit("  metal: [darwin/arm64]\n", ""), [""; 0], "what is published no longer");

    let repository = Repository::new();
    repository.checkout.replace("backend/go/local-store/backend.yaml", "cpu: [linux/amd64, ", "cpu: [");
    let base = repository.commit();
    repository.checkout.replace("backend/go/local-store/backend.yaml", "cpu: [", "cpu: [linux/amd64, ");
    let answer = repository.affected(&["--base", &base]);
    assert_eq!(answer.names().into_iter().collect::<Vec<_>>(), ["local-store cpu linux/amd64"]);
    assert!(answer.reasons().contains("\"new\""), "{answer:?}");
}

#[test]
fn globs_that_change_touch_if_other_files_match() {
    let manifest = "backend/cpp/llama-cpp/backend.yaml";
    let same = |repository: &Repository| {
        repository.checkout.replace(manifest, "backend/cpp/llama-cpp/**/*.md", "backend/cpp/llama-cpp/*.md");
    };
    assert_eq!(touched(same), [""; 0]);
    let other = |repository: &Repository| {
        repository.checkout.replace(manifest, "backend/cpp/llama-cpp/**/*.md", "backend/cpp/llama-cpp/*.txt");
    };
    assert_eq!(touched(other), ["llama-cpp"], "the README is an input now");
}

#[test]
fn a_new_backend_is_new() {
    let new = touched(|repository| {
        let text = repository.checkout.read("backend/go/local-store/backend.yaml");
        repository.write("backend/go/other/backend.yaml", &text.replace("local-store", "other"));
        repository.write("backend/go/other/main.go", "package main\n");
    });
    assert_eq!(new, ["other"]);
}

#[test]
fn both_names_of_a_renamed_file_count() {
    let rename = |from: &'static str, to: &'static str| {
        touched(move |repository| {
            fs::create_dir_all(repository.checkout.root.join(to).parent().unwrap()).unwrap();
            repository.git(&["mv", from, to]);
        })
    };
    assert_eq!(rename(MAIN, "backend/go/local-store/main.cpp"), ["llama-cpp", "local-store"]);
    assert_eq!(rename(MAIN, "docs/main.cpp"), ["llama-cpp"], "away");
    assert_eq!(
        rename("backend/cpp/llama-cpp/README.md", "backend/python/minilm/readme.py"),
        ["minilm"],
        "here"
    );
}

#[test]
fn executable_bits_and_links_count() {
    let mode = touched(|repository| {
        let file = repository.checkout.root.join(MAIN);
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    });
    assert_eq!(mode, ["llama-cpp"]);
    let link = touched(|repository| {
        let file = repository.checkout.root.join(MAIN);
        fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink("../CMakeLists.txt", file).unwrap();
    });
    assert_eq!(link, ["llama-cpp"]);
}

#[test]
fn rules_by_which_git_writes_files_touch_what_lies_below() {
    let rule = "* text eol=crlf\n";
    assert_eq!(touched(|repository| repository.write("backend/go/.gitattributes", rule)), ["local-store"]);
    assert_eq!(touched(|repository| repository.write(".gitattributes", rule)), ALL);
    assert_eq!(touched(|repository| repository.write("docs/.gitattributes", rule)), [""; 0]);
}
