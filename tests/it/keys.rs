//! Keys: what changes them, and what does not.

use crate::checkout::Checkout;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

const MAIN: &str = "backend/cpp/llama-cpp/src/main.cpp";

#[test]
fn two_checkouts_have_one_key() {
    let (here, there) = (Checkout::new(), Checkout::named("else where/deep/ünïcode"));
    for backend in ["llama-cpp", "local-store", "minilm"] {
        assert_eq!(here.hash(&[backend]), there.hash(&[backend]), "{backend}");
    }
}

#[test]
fn times_documents_and_neighbours_do_not_matter() {
    let checkout = Checkout::new();
    let before = checkout.hash(&["llama-cpp"]);
    let touched = fs::File::options().write(true).open(checkout.root.join(MAIN)).unwrap();
    touched.set_modified(SystemTime::now() - Duration::from_hours(24)).unwrap();
    assert_eq!(checkout.hash(&["llama-cpp"]), before, "a time");
    checkout.write("README.md", "# New\n");
    checkout.write("docs/guide.md", "# New\n");
    checkout.write("backend/cpp/llama-cpp/README.md", "# Other words\n");
    assert_eq!(checkout.hash(&["llama-cpp"]), before, "a document");
    checkout.write("backend/go/local-store/main.go", "package main // changed\n");
    assert_eq!(checkout.hash(&["llama-cpp"]), before, "another backend");
    checkout.replace("backend/cpp/llama-cpp/backend.yaml", "name: llama-cpp", "# A remark.\nname: llama-cpp");
    assert_eq!(checkout.hash(&["llama-cpp"]), before, "a remark in the manifest");
    assert_eq!(checkout.hash(&["llama-cpp", "--compiler-cache", "off"]), before, "a compiler cache");
    fs::remove_dir_all(&checkout.cache).unwrap();
    assert_eq!(checkout.hash(&["llama-cpp"]), before, "a cold cache");
}

#[test]
fn whatever_reaches_the_package_changes_the_key() {
    type Edit = fn(&Checkout);
    let edits: [(&str, Edit); 9] = [
        ("a source", |c| c.write(MAIN, "int main() { return 1; }\n")),
        ("a new source", |c| c.write("backend/cpp/llama-cpp/src/new.cpp", "")),
        ("a source gone", |c| fs::remove_file(c.root.join(MAIN)).unwrap()),
        ("the protocol", |c| c.write("backend/backend.proto", "syntax = \"proto2\";\n")),
        ("an executable bit", |c| {
            fs::set_permissions(c.root.join(MAIN), fs::Permissions::from_mode(0o755)).unwrap();
        }),
        ("a patch", |c| c.replace("backend/patches/llama.cpp/one.patch", "int b", "int c")),
        ("a pin", |c| c.replace("backend/sources.yaml", "1111", "3333")),
        ("a pin's checksum", |c| c.replace("backend/sources.yaml", "2222", "3333")),
        ("an option", |c| c.replace("backend/cpp/llama-cpp/backend.yaml", "\"ON\"", "\"OFF\"")),
    ];
    let before = Checkout::new().hash(&["llama-cpp"]);
    let mut seen = vec![before.clone()];
    for (what, edit) in edits {
        let checkout = Checkout::new();
        assert_eq!(checkout.kept(&["hash", "llama-cpp"]).out.trim(), before);
        edit(&checkout);
        let key = checkout.hash(&["llama-cpp"]);
        assert!(!seen.contains(&key), "{what} does not change the key");
        seen.push(key);
    }
}

#[test]
fn what_is_only_added_to_the_protocol_changes_no_key() {
    let (proto, baseline) = ("backend/backend.proto", "backend/baseline.proto");
    let checkout = Checkout::new();
    let keys = || ["llama-cpp", "local-store", "minilm"].map(|backend| checkout.hash(&[backend]));
    let text = "syntax = \"proto3\";\nmessage Reply { string text = 1; }\n";
    checkout.write(proto, text);
    checkout.out(&["generate"]);
    assert_eq!(checkout.read(baseline), text);
    let before = keys();
    let added = text.replace("1; }", "1; string extra_tag = 2; }\nmessage More { Reply reply = 1; } // New.");
    checkout.write(proto, &added);
    checkout.out(&["generate"]);
    assert_eq!((checkout.read(baseline).as_str(), keys()), (text, before.clone()), "the baseline stays");

    // Who names an addition is built with it, and again when it changes.
    checkout.write(MAIN, "int main() { Reply().set_extra_tag(1); }\n");
    let named = keys();
    assert!(named[0] != before[0] && named[1..] == before[1..]);
    checkout.write(proto, &added.replace("tag = 2", "tag = 3"));
    let renumbered = keys();
    assert!(renumbered[0] != named[0] && renumbered[1..] == before[1..]);
    checkout.write(proto, &added.replace("reply = 1; }", "reply = 1; string yet_more = 2; }"));
    assert_eq!(keys(), named, "an addition that nobody names");

    let changed = text.replace("text = 1", "text = 9");
    checkout.write(proto, &changed);
    assert!(keys().iter().zip(&before).all(|(key, before)| key != before), "no addition");
    let (other, ran) = (keys(), checkout.run(&["generate", "--check"]));
    assert!(ran.code == 4 && ran.err.contains(baseline), "{ran:?}");
    checkout.out(&["generate"]);
    assert_eq!((checkout.read(baseline), keys()), (changed, other), "what keys hold stays the same");
}

#[test]
fn whatever_is_asked_for_changes_the_key() {
    let checkout = Checkout::new();
    let asked: [&[&str]; 7] = [
        &[],
        &["--flavor", "fallback"],
        &["--variant", "vulkan"],
        &["--variant", "cuda-12", "--platform", "linux/amd64", "--flavor", "grpc"],
        &["--set", "GGML_LTO=ON"],
        &["--set", "DEMO_FAST=OFF"],
        &["--published"],
    ];
    let mut seen = Vec::new();
    for options in asked {
        let args: Vec<&str> = ["llama-cpp"].into_iter().chain(options.iter().copied()).collect();
        let key = checkout.hash(&args);
        assert!(!seen.contains(&key), "{options:?} does not change the key");
        seen.push(key);
    }
}

#[test]
fn every_published_unit_is_listed_with_the_key_that_it_has_alone() {
    let checkout = Checkout::new();
    let list = || checkout.out(&["list", "--units"]);
    let listed = list();
    let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(lines.len() > 5, "{listed}");
    for line in &lines {
        let [backend, variant, platform, key, platform_tag, suffix] = line[..] else { panic!("{line:?}") };
        assert!(suffix.starts_with('-') && suffix.ends_with(backend), "{line:?}");
        if platform.starts_with("darwin/") {
            assert_eq!((key, platform_tag), ("-", "-"), "{line:?}");
            continue;
        }
        let unit = [backend, "--variant", variant, "--platform", platform, "--realm", "container"];
        assert_eq!(checkout.hash(&[&unit[..], &["--published"]].concat()), key, "{line:?}");
    }
    assert_eq!(list(), listed, "the second look takes digests from the stat cache");
    checkout.write(MAIN, "int main() { return 1; }\n");
    let changed: Vec<String> = list()
        .lines()
        .zip(listed.lines())
        .filter(|(now, before)| now != before)
        .map(|(now, _)| now.split_whitespace().next().unwrap().to_owned())
        .collect();
    assert!(!changed.is_empty() && changed.iter().all(|backend| backend == "llama-cpp"), "{changed:?}");
}
