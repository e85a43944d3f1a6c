//! Any text as the Makefile, Dockerfile and program of a tree that is adopted: what is written can be read, and a second
//! time changes nothing.
#![no_main]

use camino::{Utf8Path, Utf8PathBuf};
use libfuzzer_sys::fuzz_target;
use localai::adopt::{Adoption, State, Tree, adopt};
use localai::import::rows;
use model::manifest::{Files, is_manifest};
use std::collections::BTreeMap;

const MATRIX: &str = "include:\n- {backend: a, tag-suffix: -cpu-a, platforms: linux/amd64, dockerfile: ./backend/Dockerfile.a, base-image: 'ubuntu:24.04', ubuntu-version: '2404'}\n";
const DOCKERFILE: &str = "FROM x AS builder\nCOPY . /LocalAI\nRUN make -C /LocalAI/backend/go/a build\nFROM scratch\nCOPY --from=builder /LocalAI/backend/go/a/package/. ./\n";

fuzz_target!(|texts: (&str, &str, &str, bool)| {
    let (makefile, program, dockerfile, own) = texts;
    let files = BTreeMap::from([
        ("backend/go/a/Makefile", makefile),
        ("backend/go/a/a.go", program),
        ("backend/go/a/a.sh", makefile),
        ("backend/Dockerfile.a", if own { dockerfile } else { DOCKERFILE }),
        ("go.mod", "module m\n"),
    ]);
    let read = |path: &Utf8Path| files.get(path.as_str()).map(|text| (*text).to_owned());
    let tree = Tree {
        files: files.keys().map(Utf8PathBuf::from).collect(),
        submodules: BTreeMap::new(),
        read: &read,
    };
    let rows = rows("matrix.yml".into(), MATRIX).expect("the matrix is in order");
    let after = |adoption: &Adoption| -> Files {
        let manifests = adoption.files.iter().filter(|file| is_manifest(&file.path));
        manifests.map(|file| (file.path.clone(), file.text.clone())).collect()
    };
    let Ok(first) = adopt(&rows, &tree, &Files::new()) else { return };
    let again = adopt(&rows, &tree, &after(&first)).expect("what is written can be read");
    assert!(again.files.iter().all(|file| file.state == State::Same));
});
