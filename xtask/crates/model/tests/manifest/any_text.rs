//! Whatever stands in a manifest, loading it and showing what is wrong ends without a panic.

use crate::fixture::{BACKEND, Fixture, SOURCES, VARIANTS};
use model::manifest;
use proptest::prelude::*;

const FILES: [&str; 3] = [BACKEND, SOURCES, VARIANTS];

fn load(file: &str, text: &str) {
    let fixture = Fixture::new().add(file, text);
    if let Err(diagnostics) = manifest::load(&fixture.files) {
        assert!(diagnostics.iter().count() > 0);
        for diagnostic in &diagnostics {
            assert!(diagnostic.line > 0 && diagnostic.column > 0 && diagnostic.length > 0);
        }
        let shown = diagnostics.render(false);
        assert!(shown.ends_with("in the manifests"), "{shown}");
        diagnostics.render(true);
    }
}

/// Text of the pieces that YAML is made of, and of what breaks it.
fn yamlish() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("  ".to_owned()),
        Just("- ".to_owned()),
        Just(": ".to_owned()),
        Just("? ".to_owned()),
        Just("---\n".to_owned()),
        Just("&a ".to_owned()),
        Just("*a".to_owned()),
        Just("!!str ".to_owned()),
        Just("\t".to_owned()),
        Just("\r".to_owned()),
        Just("\0".to_owned()),
        Just("\u{feff}".to_owned()),
        Just("\u{2028}".to_owned()),
        Just("|\n".to_owned()),
        "[\\[\\]{},'\"#%@`>~]",
        "(name|inputs|include|variants|sources|cmake|cpu|upstream|bases|true|null|1)",
        "\\PC{0,3}",
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_any_characters(file in 0..3_usize, text in "\\PC{0,200}") {
        load(FILES[file], &text);
    }

    #[test]
    fn of_the_pieces_of_yaml(file in 0..3_usize, text in yamlish()) {
        load(FILES[file], &text);
    }

    #[test]
    fn of_a_sound_manifest_with_something_in_it(file in 0..3_usize, at in any::<prop::sample::Index>(), text in yamlish()) {
        let fixture = Fixture::new();
        let sound = fixture.text(FILES[file]);
        let places: Vec<usize> = sound.char_indices().map(|(byte, _)| byte).collect();
        let (before, after) = sound.split_at(places[at.index(places.len())]);
        load(FILES[file], &format!("{before}{text}{after}"));
    }

    #[test]
    fn of_a_sound_manifest_cut_short(file in 0..3_usize, at in any::<prop::sample::Index>()) {
        let fixture = Fixture::new();
        let sound = fixture.text(FILES[file]);
        load(FILES[file], &sound[..at.index(sound.len())]);
    }
}
