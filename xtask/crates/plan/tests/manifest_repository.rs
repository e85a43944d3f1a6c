//! The manifests of this repository, and the schemas generated from their types.

use camino::{Utf8Path, Utf8PathBuf};
use plan::manifest::{self, Files, Manifests};
use std::fs;

fn root() -> &'static Utf8Path {
    Utf8Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."))
}

fn files() -> Files {
    let mut files = Files::new();
    let mut add = |path: Utf8PathBuf| {
        let text = fs::read_to_string(root().join(&path)).unwrap();
        files.insert(path, text);
    };
    add(manifest::VARIANTS.into());
    add(manifest::SOURCES.into());
    for lang in root().join("backend").read_dir_utf8().unwrap() {
        let lang = lang.unwrap();
        if !lang.file_type().unwrap().is_dir() {
            continue;
        }
        for backend in lang.path().read_dir_utf8().unwrap() {
            let path = backend.unwrap().path().join(manifest::BACKEND);
            if path.exists() {
                add(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    files
}

fn load() -> Manifests {
    manifest::load(&files()).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

#[test]
fn they_are_sound() {
    let manifests = load();
    assert!(manifests.backends.len() >= 3);
}

#[test]
fn schemas_in_the_repository_are_those_of_the_types() {
    for (path, text) in manifest::schema::all() {
        let found = fs::read_to_string(root().join(&path)).unwrap_or_default();
        assert!(found == text, "{path} is not what the types say: run `cargo xtask generate`");
    }
}
