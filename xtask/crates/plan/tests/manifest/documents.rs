//! The manifests that docs/adding-a-backend.md shows are ones that can be used.

use camino::{Utf8Path, Utf8PathBuf};
use plan::backend::Recipe;
use plan::manifest::{self, Files};
use std::fs;

/// Fenced YAML whose first line is a comment with the path of the file.
fn examples(text: &str) -> Files {
    let blocks = text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let named = blocks.filter_map(|block| block.strip_prefix("# ")?.split_once('\n'));
    named.map(|(path, text)| (Utf8PathBuf::from(path), text.to_owned())).collect()
}

#[test]
fn every_example_loads_and_each_family_has_one() {
    let root = Utf8Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."));
    let mut files = examples(&fs::read_to_string(root.join("docs/adding-a-backend.md")).unwrap());
    for file in [manifest::VARIANTS, manifest::SOURCES] {
        files.insert(file.into(), fs::read_to_string(root.join(file)).unwrap());
    }
    let manifests = manifest::load(&files).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let families: Vec<&str> = manifests
        .backends
        .values()
        .map(|backend| match backend.recipe {
            Recipe::Cmake(_) => "cmake",
            Recipe::Go(_) => "go",
            Recipe::Python(_) => "python",
        })
        .collect();
    assert_eq!(families, ["go", "python", "cmake"], "echo, reverse and tiny, in the order of their names");
}
