//! Rows of the native matrix, on this repository's variants and any set of backends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use ci::matrix::{Choice, Fields, Matrix, NoRow, find, matrix, yaml};
use model::manifest::{self, Files, Manifests};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const KINDS: [(&str, &str); 4] = [
    (
        "cpp",
        "sources: [llama.cpp]\ncmake:\n  source: llama.cpp\n  source-variable: X_DIR\n  target: server\n  default-flavors: [native]\n  published-flavors: [cpu-all]\n",
    ),
    ("go", "go:\n  package: .\n"),
    ("python", "python:\n  entry: server.py\n  requirements: [requirements.txt]\n"),
    ("rust", "rust:\n  binary: server\n"),
];
const VARIANTS: [(&str, &[&str]); 10] = [
    ("cpu", &["linux/amd64", "linux/arm64", "darwin/amd64"]),
    ("cuda-12", &["linux/amd64"]),
    ("cuda-13", &["linux/amd64"]),
    ("l4t-cuda-12", &["linux/arm64"]),
    ("l4t-cuda-13", &["linux/arm64"]),
    ("rocm", &["linux/amd64"]),
    ("vulkan", &["linux/amd64", "linux/arm64"]),
    ("sycl-f16", &["linux/amd64"]),
    ("intel", &["linux/amd64"]),
    ("metal", &["darwin/arm64"]),
];

/// Backends by kind, each with the platforms of its variants as bits.
fn manifests(backends: &[(usize, Vec<u8>)]) -> Manifests {
    let mut files = Files::new();
    files.insert(manifest::VARIANTS.into(), include_str!("../../../../backend/variants.yaml").to_owned());
    files.insert(manifest::SOURCES.into(), include_str!("../../../../backend/sources.yaml").to_owned());
    for (index, (kind, bits)) in backends.iter().enumerate() {
        let (language, recipe) = KINDS[*kind];
        let mut variants = Vec::new();
        for ((name, platforms), bits) in VARIANTS.iter().zip(bits) {
            let chosen: Vec<&str> = platforms
                .iter()
                .enumerate()
                .filter(|(bit, _)| bits & (1 << bit) != 0)
                .map(|(_, platform)| *platform)
                .collect();
            if !chosen.is_empty() {
                variants.push(format!("  {name}: [{}]\n", chosen.join(", ")));
            }
        }
        if variants.is_empty() {
            variants.push("  cpu: [linux/amd64]\n".to_owned());
        }
        let variants = variants.concat();
        let text = format!(
            "# yaml-language-server: $schema=../../../docs/schemas/backend.schema.json\nname: b{index}\n\
             description: Some backend\nlicense: MIT\ntask: generate\ninputs:\n  include: [backend/{language}/b{index}/**]\n\
             variants:\n{variants}{recipe}"
        );
        files.insert(format!("backend/{language}/b{index}/backend.yaml").into(), text);
    }
    manifest::load(&files).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

fn made(manifests: &Manifests) -> Matrix {
    matrix(manifests, &"quay.io/x/cache".parse().unwrap()).unwrap()
}

/// What holds of every row of the reference's matrix, and of ours.
fn check(matrix: &Matrix) {
    let mut seen = BTreeSet::new();
    let mut groups: BTreeMap<String, Vec<BTreeMap<&str, &str>>> = BTreeMap::new();
    for entry in &matrix.linux {
        let row: BTreeMap<&str, &str> = entry.row.fields().into_iter().collect();
        let tag = row.get("platform-tag").copied().unwrap_or_default();
        assert!(seen.insert((row["tag-suffix"], tag)), "{row:?} twice");
        assert!(tag.is_empty() || row["platforms"] == format!("linux/{tag}"), "{row:?}");
        assert_eq!(row["platforms"] == "linux/arm64", row["runs-on"] == "ubuntu-24.04-arm", "{row:?}");
        assert!(row["tag-suffix"].starts_with('-') && row["tag-suffix"].ends_with(row["backend"]), "{row:?}");
        assert_eq!((row["tag-latest"], row["context"]), ("auto", "./"));
        groups.entry(row["tag-suffix"].to_owned()).or_default().push(row);
    }
    for (suffix, legs) in groups {
        assert!(legs.len() <= 2, "{suffix}");
        for leg in &legs {
            assert_eq!(leg.contains_key("platform-tag"), legs.len() == 2, "{leg:?}");
            let of_platform = ["platforms", "platform-tag", "runs-on", "builder-base-image"];
            for (field, value) in leg.iter().filter(|(field, _)| !of_platform.contains(field)) {
                assert_eq!(legs[0].get(field), Some(value), "{suffix}: {field}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_backends_make_sound_rows(backends in prop::collection::vec((0..4_usize, prop::collection::vec(0..8_u8, 10)), 1..6)) {
        let manifests = manifests(&backends);
        let matrix = made(&manifests);
        check(&matrix);
        prop_assert_eq!(matrix.units().count(), plan::published::units(&manifests).count());
        for unit in matrix.units() {
            let entry = matrix.linux.iter().map(|e| (&e.unit, &e.suffix)).chain(matrix.darwin.iter().map(|e| (&e.unit, &e.suffix)));
            let (_, suffix) = entry.into_iter().find(|(known, _)| *known == unit).unwrap();
            prop_assert_eq!(&find(&manifests, suffix, Some(unit.platform)).unwrap(), unit);
        }
        // What is written is read by who reads matrices that are kept by hand.
        let text = yaml(matrix.linux.iter().map(|e| &e.row), matrix.darwin.iter().map(|e| &e.row));
        let read = localai::import::rows("matrix.yml".into(), &text).unwrap_or_else(|found| panic!("{}", found[0]));
        prop_assert_eq!(read.len(), matrix.units().count());
    }
}

#[test]
fn rows_have_the_fields_and_values_of_the_reference() {
    let manifests =
        manifests(&[(0, vec![3, 1, 0, 1, 0, 0, 0, 0, 0, 1]), (2, vec![4, 0, 0, 1, 0, 0, 0, 0, 1, 1])]);
    let matrix = made(&manifests);
    insta::assert_snapshot!(yaml(matrix.linux.iter().map(|e| &e.row), matrix.darwin.iter().map(|e| &e.row)));
}

#[test]
fn a_wrong_suffix_or_platform_says_what_there_is() {
    let manifests = manifests(&[(0, vec![3, 1, 0, 0, 0, 0, 0, 0, 0, 0])]);
    let asked = |suffix: &str, platform: Option<&str>| {
        find(&manifests, &suffix.parse().unwrap(), platform.map(|text| text.parse().unwrap()))
    };
    assert_eq!(asked("-gpu-nvidia-cuda-12-b0", None).unwrap().variant.as_str(), "cuda-12");
    let error = asked("-cpu-b1", None).unwrap_err();
    assert!(error.to_string().contains("did you mean `-cpu-b0`?"), "{error}");
    assert!(matches!(asked("-cpu-b0", None), Err(NoRow::Ambiguous { .. })));
    let error = asked("-cpu-b0", Some("darwin/arm64")).unwrap_err().to_string();
    assert!(error.contains("it is made for: linux/amd64, linux/arm64"), "{error}");
}

#[test]
fn a_merge_takes_what_is_there_along() {
    let manifests = manifests(&[(0, vec![3, 1, 1, 0, 0, 0, 0, 0, 0, 1])]);
    let matrix = made(&manifests);
    let arm = matrix.linux.iter().find(|e| e.unit.platform.as_str() == "linux/arm64").unwrap();
    let single = matrix.linux.iter().find(|e| e.unit.variant.as_str() == "cuda-12").unwrap();
    let choice = Choice {
        run_all: false,
        built: [arm.unit.clone()].into(),
        merged: [arm.suffix.clone(), single.suffix.clone()].into(),
        touched: [arm.unit.backend.clone()].into(),
    };
    let text = matrix.emit(&choice).unwrap().text;
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(&format!("{key}="))).unwrap();
    assert_eq!(value("has-backends-multiarch"), "true");
    assert_eq!(value("matrix-multiarch").matches("tag-suffix").count(), 1, "{text}");
    assert_eq!(
        value("merge-matrix-multiarch"),
        r#"{"include":[{"tag-suffix":"-cpu-b0","tag-latest":"auto"}]}"#
    );
    assert_eq!(value("has-backends-singlearch-1"), "false");
    assert_eq!(value("matrix-singlearch-1"), r#"{"include":[]}"#);
    assert_eq!(value("has-merges-singlearch-1"), "true");
    assert_eq!((value("run-all"), value("b0"), value("has-backends-darwin")), ("false", "true", "false"));
}

/// A matrix of so many images on two platforms, on one, and for macOS.
fn large(multi: usize, single: usize, darwin: usize) -> Matrix {
    let all = made(&manifests(&[(0, vec![3, 1, 0, 0, 0, 0, 0, 0, 0, 1])]));
    let of = |number: usize, variant: &'static str| {
        let entries = all.linux.iter().filter(move |entry| entry.unit.variant.as_str() == variant);
        entries.cloned().map(move |mut entry| {
            entry.suffix = format!("-{variant}-x{number}").parse().unwrap();
            entry.unit.backend = format!("x{number}").parse().unwrap();
            entry.row.tag_suffix = entry.suffix.clone();
            entry
        })
    };
    let mac = |number: usize| {
        let mut entry = all.darwin[0].clone();
        entry.unit.backend = format!("x{number}").parse().unwrap();
        entry
    };
    let linux = (0..multi)
        .flat_map(|number| of(number, "cpu"))
        .chain((0..single).flat_map(|number| of(number, "cuda-12")));
    Matrix { linux: linux.collect(), darwin: (0..darwin).map(mac).collect() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_list_is_longer_than_what_github_runs(
        (multi, single, darwin) in (0..700_usize, 0..1200_usize, 0..700_usize),
        (built, merged) in (1..4_usize, 1..4_usize),
    ) {
        let matrix = large(multi, single, darwin);
        let choice = Choice {
            run_all: false,
            built: matrix.units().step_by(built).cloned().collect(),
            merged: matrix.linux.iter().step_by(merged).map(|entry| entry.suffix.clone()).collect(),
            touched: BTreeSet::new(),
        };
        let text = matrix.emit(&choice).unwrap().text;
        let blocks = matrix.blocks();
        let mut seen = (0, BTreeSet::new());
        for name in blocks.linux().into_iter().chain(blocks.macos()) {
            let rows = |key: &str| -> Vec<String> {
                let line = text.lines().find_map(|line| line.strip_prefix(&format!("{key}-{name}=")));
                let json: serde_json::Value = serde_json::from_str(line.unwrap_or(r#"{"include":[]}"#)).unwrap();
                let suffix = |row: &serde_json::Value| row["tag-suffix"].as_str().unwrap().to_owned();
                json["include"].as_array().unwrap().iter().map(suffix).collect()
            };
            let (builds, merges) = (rows("matrix"), rows("merge-matrix"));
            prop_assert!(builds.len() < 256 && merges.len() < 256, "{name}: {} {}", builds.len(), merges.len());
            let here = [("builds", &builds), ("merges", &merges)];
            for (what, rows) in here.iter().filter(|(what, _)| !name.starts_with("darwin") || *what == "builds") {
                let has = match *what { "builds" => "has-backends", _ => "has-merges" };
                let flag = format!("{has}-{name}={}", !rows.is_empty());
                prop_assert!(text.lines().any(|line| line == flag), "{flag}");
            }
            // What is merged is built in no other block, whose jobs the merge would not wait for.
            for merge in &merges {
                let all = matrix.linux.iter().filter(|entry| entry.suffix.as_str() == merge);
                let wanted = all.filter(|entry| choice.built.contains(&entry.unit)).count();
                prop_assert_eq!(builds.iter().filter(|build| *build == merge).count(), wanted);
                prop_assert!(seen.1.insert(merge.clone()), "{} twice", merge);
            }
            seen.0 += builds.len();
        }
        prop_assert_eq!(seen, (choice.built.len(), choice.merged.iter().map(ToString::to_string).collect()));
    }
}
