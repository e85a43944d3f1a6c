//! Broken manifests: file, line, column, a caret, and what to do.

use crate::checkout::Checkout;
use camino::Utf8Path;
use model::manifest::Files;
use model::name::PinName;
use model::text::path::PlainPath;

const BACKEND: &str = "backend/cpp/llama-cpp/backend.yaml";
const SOURCES: &str = "backend/sources.yaml";
const VARIANTS: &str = "backend/variants.yaml";

#[test]
fn every_kind_of_mistake_is_shown_where_it_is() {
    // Where it is made, what is replaced by what, where it must be shown, and what must be said.
    let cases = [
        (BACKEND, "license: MIT", "licence: MIT", ":4:1", "license"),
        (BACKEND, "task: generate", "task: [generate]", ":5:", "task"),
        (BACKEND, "task: generate", "task: generat", ":5:7", "generate"),
        (BACKEND, "sources: [llama.cpp]", "sources: [lama.cpp]", ":15:", "llama.cpp"),
        (BACKEND, "  vulkan:", "  vulcan:", ":20:3", "vulkan"),
        (BACKEND, "source: llama.cpp", "source: other", ":24:", "other"),
        (BACKEND, "name: llama-cpp", "name: minilm", ":2:7", "minilm"),
        (BACKEND, "  target: grpc-server", "  target: grpc-server\n  target: twice", ":27:", "target"),
        (BACKEND, "license: MIT", "license: [MIT", ":", ""),
        (SOURCES, "1111111111", "xxxxxxxxxx", ":8:17", "hex"),
        (SOURCES, "    tree: 22", "    tre: 22", ":9:5", "tree"),
        (VARIANTS, "build-type: vulkan", "build-type: vulcan", ":", "vulkan"),
        (VARIANTS, "native: true", "native: yes please", ":", "native"),
    ];
    for (file, from, to, place, said) in cases {
        let checkout = Checkout::new();
        checkout.replace(file, from, to);
        let ran = checkout.run(&["list"]);
        assert_eq!(ran.code, 2, "{to:?}: {ran:?}");
        assert!(ran.err.contains(&format!("--> {file}{place}")), "{to:?}: {}", ran.err);
        assert!(ran.err.contains('^') && ran.err.contains(said), "{to:?}: {}", ran.err);
        assert_eq!(ran.out, "");
    }
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let checkout = Checkout::new();
    checkout.replace(BACKEND, "license: MIT", "licence: MIT");
    checkout.replace(SOURCES, "1111111111", "xxxxxxxxxx");
    insta::assert_snapshot!(checkout.run(&["list"]).err);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let checkout = Checkout::new();
    std::fs::remove_file(checkout.root.join(SOURCES)).unwrap();
    let ran = checkout.run(&["list"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains(SOURCES), "{ran:?}");
    std::fs::write(checkout.root.join(SOURCES), [0xff, 0xfe]).unwrap();
    let ran = checkout.run(&["list"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains(SOURCES) && ran.err.contains("UTF-8"), "{ran:?}");
}

#[test]
fn a_tree_without_tables_gets_this_repositorys_own() {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let load = |dir: &str| {
        let text = |name: &str| fs_err::read_to_string(root.join(dir).join(name)).unwrap();
        let files = [("backend/variants.yaml", "variants.yaml"), ("backend/sources.yaml", "sources.yaml")];
        let files: Files = files.map(|(path, name)| (path.into(), text(name))).into();
        model::manifest::load(&files).unwrap()
    };
    let (ours, skeleton) = (load("backend"), load("xtask/crates/localai/src/adopt/skeleton"));
    assert_eq!(ours.bases, skeleton.bases);
    assert_eq!(ours.consumers, skeleton.consumers);
    assert_eq!(ours.variants, skeleton.variants);
    assert_eq!(ours.wheels, skeleton.wheels);
    assert_eq!(ours.repositories, skeleton.repositories);
    let theirs = ours.pins.keys().filter(|name| !skeleton.pins.contains_key(*name));
    let theirs: Vec<&str> = theirs.map(PinName::as_str).collect();
    assert_eq!(theirs, ["llama.cpp"], "only what the samples are built of is theirs alone");
    for (name, pin) in &skeleton.pins {
        // No sample asks for the interpreter of a version.
        let is_interpreter = name.as_str().starts_with("python-3.");
        assert!(ours.pins.get(name).map_or(is_interpreter, |own| own == pin), "{name}");
    }
    let patches = root.join("xtask/crates/localai/src/adopt/skeleton/grpc");
    let named =
        skeleton.pins.values().flat_map(|pin| &pin.patches).map(PlainPath::as_str).collect::<Vec<_>>();
    assert_eq!(named.len(), fs_err::read_dir(&patches).unwrap().count());
    for patch in named {
        let copy = patches.join(Utf8Path::new(patch).file_name().unwrap());
        assert_eq!(fs_err::read(root.join(patch)).unwrap(), fs_err::read(copy).unwrap(), "{patch}");
    }
}
