//! A matrix kept by hand becomes layers and comes back as it was.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use ci::matrix::yaml;
use localai::import::{self, List, Model, Row};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const LOCALAI: &str = include_str!("../../../../tests/fixtures/matrices/localai.yml");

fn rows(text: &str) -> Vec<Row> {
    import::rows("matrix.yml".into(), text).unwrap_or_else(|found| panic!("{}", found[0]))
}

/// The model as it is after it was written and read.
fn stored(model: &Model) -> Model {
    let texts = import::write(model).into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    import::read("".into(), &texts).unwrap_or_else(|found| panic!("{}", found[0]))
}

fn back(model: &Model) -> Vec<Row> {
    import::unfold(model).into_iter().map(|one| one.row).collect()
}

fn emitted(rows: &[Row]) -> String {
    let of = |list| rows.iter().filter(move |row| row.list == list);
    yaml(of(List::Linux), of(List::Darwin))
}

/// All that is data in a matrix.
fn data(rows: &[Row]) -> Vec<(List, Vec<(String, String)>)> {
    rows.iter().map(|row| (row.list, row.fields.clone())).collect()
}

#[test]
fn the_519_rows_come_back_as_they_were() {
    let all = rows(LOCALAI);
    assert_eq!(all.len(), 519);
    let model = import::fold(&all).unwrap();
    let read = stored(&model);
    assert_eq!(read, model, "what is written is what is read");
    let text = emitted(&back(&read));
    assert_eq!(data(&rows(&text)), data(&all));
    assert_eq!((model.backends.len(), model.variants.len()), (75, 11));
    let lines: usize = import::write(&model).values().map(|text| text.lines().count()).sum();
    assert!(lines < 560 && LOCALAI.lines().count() == 6542, "{lines} lines");
    assert!(model.exceptions() < 60, "{} exceptions", model.exceptions());
}

#[test]
fn the_table_of_variants_is_short_and_plain() {
    let model = import::fold(&rows(LOCALAI)).unwrap();
    insta::assert_snapshot!(import::write(&model)["variants.yaml"]);
    let lists = &import::write(&model)["backends.yaml"];
    let odd: Vec<&str> = lists.lines().skip_while(|line| *line != "llama-cpp:").take(8).collect();
    assert_eq!(
        odd,
        [
            "llama-cpp:",
            "  family: llama-cpp",
            "  prebuilt: true",
            "  variants: [cpu, l4t-cuda-12, l4t-cuda-13, rocm, sycl-f16, vulkan]",
            "  odd:",
            "    - cuda-12: { runs-on: 'bigger-runner' }",
            "    - cuda-13: { runs-on: 'bigger-runner' }",
            "    - metal: { build-type: ~ }",
        ]
    );
}

#[test]
fn without_an_order_rows_come_by_backend_and_all_are_there() {
    let rows = rows(LOCALAI);
    let mut model = import::fold(&rows).unwrap();
    model.order = import::Order::default();
    let sorted = back(&stored(&model));
    let set = |rows: &[Row]| -> BTreeSet<Vec<(String, String)>> {
        rows.iter()
            .map(|row| {
                let mut fields = row.fields.clone();
                fields.sort();
                fields
            })
            .collect()
    };
    assert_eq!(set(&sorted), set(&rows));
    assert_eq!(sorted.len(), 519);
    let names: Vec<&str> =
        sorted.iter().filter(|row| row.list == List::Linux).map(|row| row.backend.as_str()).collect();
    assert!(names.is_sorted());
}

#[test]
fn a_row_that_cannot_be_told_is_named_with_line_and_column() {
    let row = "include:\n  - backend: 'x'\n    platforms: 'linux/amd64'\n    tag-suffix: '-cpu-x'\n";
    let table = [
        ("include: [\n", 2, 1, "did not find"),
        ("", 1, 1, "nothing"),
        ("included: []\n", 1, 1, "unknown key `included`"),
        ("include: {}\n", 1, 10, "expected a list"),
        ("include:\n  - x\n", 2, 5, "expected a mapping"),
        ("include:\n  - backend: x\n    platforms: linux/amd64\n", 2, 5, "a row without `tag-suffix`"),
        (&format!("{row}    cuda-major-version: 12\n"), 5, 25, "found a number"),
        (&format!("{row}    skip-drivers: true\n"), 5, 19, "found a truth value"),
        (&format!("{row}    base-image:\n"), 5, 15, "found nothing"),
        (&format!("{row}    base-image: [a]\n"), 5, 17, "found a list"),
        (&format!("{row}    backend: y\n"), 5, 5, "`backend` is given twice"),
        (&format!("{row}{}", row.trim_start_matches("include:\n")), 5, 5, "a second row"),
        (
            "include:\n  - {backend: X, platforms: linux/amd64, tag-suffix: -x}\n",
            2,
            15,
            "`X` is not a backend name",
        ),
        ("include:\n  - {backend: x, platforms: linux/amd64, tag-suffix: x}\n", 2, 54, "not a tag suffix"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document"),
    ];
    for (text, line, column, expected) in table {
        let found = import::rows("matrix.yml".into(), text).unwrap_err();
        let first = &found[0];
        assert!(first.message.contains(expected), "{text}: {first}");
        assert_eq!((first.line, first.column), (line, column), "{text}: {first}");
    }
    let strange = import::rows(
        "matrix.yml".into(),
        "include:\n  - {backend: x, platforms: windows/amd64, tag-suffix: -x}\n",
    );
    let error = import::fold(&strange.unwrap()).unwrap_err();
    assert!(error.line == 2 && error.message.contains("windows/amd64"), "{error}");
}

#[test]
fn a_list_that_names_what_is_not_in_the_table_is_refused() {
    let model = import::fold(&rows(LOCALAI)).unwrap();
    let texts: BTreeMap<String, String> =
        import::write(&model).into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    for (file, from, to, expected) in [
        ("backends.yaml", "variants: [cpu, metal]", "variants: [cpu, mteal]", "did you mean `metal`?"),
        ("backends.yaml", "variants: [cpu/amd64]", "variants: [cpu/amd46]", "did you mean `amd64`?"),
        ("backends.yaml", "prebuilt: true", "prebuilt: maybe", "expected true or false"),
        ("variants.yaml", "platforms:\n", "platform:\n", "did you mean `platforms`?"),
        ("order.yaml", "keys: 5", "keys: 9", "expected a number below 6"),
        ("order.yaml", "rows: [l4t-cuda-12/arm64]", "rows: [l4t]", "expected variant/platform"),
    ] {
        let mut texts = texts.clone();
        let broken = texts[file].replacen(from, to, 1);
        assert_ne!(broken, texts[file], "{file} has no {from}");
        texts.insert(file.to_owned(), broken);
        let found = import::read("dir".into(), &texts).unwrap_err();
        let shown = found[0].to_string();
        assert!(shown.contains(expected) && shown.contains(&format!("dir/{file}:")), "{shown}");
    }
}

/// Rows of a small world, in which much repeats and everything may be odd.
fn any_row() -> impl Strategy<Value = Vec<(String, String)>> {
    let word = |words: &'static [&'static str]| proptest::sample::select(words);
    let fields = (
        word(&["a", "b", "a-b"]),
        word(&["linux/amd64", "linux/arm64", "linux/amd64,linux/arm64"]),
        word(&["", "cublas", "vulkan", "l4t", "sycl_f16", "odd"]),
        word(&["", "12", "13"]),
        word(&["x-{}", "y-{}", "odd", "{}"]),
        proptest::option::of(word(&["amd64", "arm64", ""])),
        proptest::option::of(word(&["auto", "true", "it's", "~", "a\tb", "{backend}"])),
        proptest::option::of(word(&["./Dockerfile.python", "./x/Dockerfile.golang", "d.y/Dockerfile"])),
        proptest::option::of(word(&["base:1", "base:2"])),
    );
    (fields, any::<bool>()).prop_map(
        |((name, platform, kind, cuda, suffix, tag, latest, file, base), turn)| {
            let mut row = vec![
                ("build-type".to_owned(), kind.to_owned()),
                ("cuda-major-version".to_owned(), cuda.to_owned()),
                ("platforms".to_owned(), platform.to_owned()),
                ("tag-suffix".to_owned(), format!("-{}", suffix.replace("{}", name))),
                ("backend".to_owned(), name.to_owned()),
            ];
            let optional = [
                ("platform-tag", tag),
                ("tag-latest", latest),
                ("dockerfile", file),
                ("builder-base-image", base),
            ];
            for (key, value) in optional {
                row.extend(value.map(|value| (key.to_owned(), value.to_owned())));
            }
            if turn {
                row.reverse();
            }
            row
        },
    )
}

struct Written(Vec<(String, String)>);

impl ci::matrix::Fields for Written {
    fn fields(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_matrix_comes_back(rows in prop::collection::vec(any_row(), 0..24), darwin in prop::collection::vec(any_row(), 0..6)) {
        let text = |rows: &[Vec<(String, String)>]| {
            let mut seen = BTreeSet::new();
            let field = |row: &[(String, String)], name: &str| {
                row.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
            };
            rows.iter()
                .filter(|row| seen.insert((field(row, "tag-suffix"), field(row, "platform-tag"))))
                .map(|row| Written(row.clone()))
                .collect::<Vec<_>>()
        };
        let matrix = yaml(&text(&rows), &text(&darwin));
        let read = import::rows("matrix.yml".into(), &matrix);
        let read = read.unwrap_or_else(|found| panic!("{}\n{matrix}", found[0]));
        let model = import::fold(&read).unwrap();
        let again = stored(&model);
        prop_assert_eq!(&again, &model);
        prop_assert_eq!(emitted(&back(&again)), matrix);
    }
}
