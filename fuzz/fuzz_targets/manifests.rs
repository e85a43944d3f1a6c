//! Any text in place of one manifest: it is read or refused, and the refusal can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::manifest::{self, Files};

const FILES: [(&str, &str); 3] = [
    (
        "backend/cpp/llama-cpp/backend.yaml",
        include_str!("../../tests/fixtures/small/backend/cpp/llama-cpp/backend.yaml"),
    ),
    (manifest::SOURCES, include_str!("../../tests/fixtures/small/backend/sources.yaml")),
    (manifest::VARIANTS, include_str!("../../tests/fixtures/small/backend/variants.yaml")),
];

fuzz_target!(|text: &str| {
    // The first line of a manifest says which one it is.
    let replaced = FILES
        .iter()
        .position(|(_, sound)| sound.lines().next() == text.lines().next())
        .unwrap_or(text.len() % FILES.len());
    let mut files: Files = FILES.iter().map(|(path, sound)| ((*path).into(), (*sound).to_owned())).collect();
    files.insert(FILES[replaced].0.into(), text.to_owned());
    if let Err(diagnostics) = manifest::load(&files) {
        assert!(!diagnostics.render(false).is_empty());
    }
});
