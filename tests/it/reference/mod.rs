//! The recorded cases of the filter that `matrix --matrix-file` replaces, and what it does where that one gave up.

mod dropped;
mod limits;

use crate::checkout::{Checkout, Ran, ran, repository};
use crate::github::{GitHub, Known};
use camino::Utf8Path;
use localai::filter::{Change, Changed, Event, Filter, Matrix, Rules, Verdict, decide, rules};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// The recorded cases, unpacked.
struct Corpus(TempDir);

impl Corpus {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let archive = repository().join("tests/fixtures/matrix-corpus.tar.xz");
        let unpacked = Command::new("tar").arg("-xJf").arg(archive).arg("-C").arg(dir.path()).status();
        assert!(unpacked.unwrap().success(), "install tar and xz");
        Self(dir)
    }

    fn cases(&self) -> Vec<Value> {
        let dir = fs::read_dir(self.0.path().join("matrix/cases")).unwrap();
        let mut paths: Vec<PathBuf> = dir.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        assert_eq!(paths.len(), 115);
        paths.iter().map(|path| serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()).collect()
    }

    fn blob(&self, name: &Value) -> Option<PathBuf> {
        Some(self.0.path().join("matrix/blobs").join(name.as_str()?))
    }

    fn text(&self, name: &Value) -> Option<String> {
        Some(String::from_utf8_lossy(&fs::read(self.blob(name)?).unwrap()).into_owned())
    }
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// Compares outputs with what was recorded: each value, their order, and the whole.
fn compare(case: &Value, text: &str) {
    let id = &case["id"];
    let recorded = case["outputs"].as_object().unwrap();
    for line in text.lines() {
        let (key, value) = line.split_once('=').unwrap();
        match &recorded[key] {
            Value::String(wanted) => assert_eq!(value, wanted, "{id}: {key}"),
            wanted => {
                assert_eq!(wanted["bytes"], value.len(), "{id}: {key}");
                assert_eq!(wanted["sha256"], sha256(value), "{id}: {key}");
            }
        }
    }
    assert_eq!(text.lines().count(), recorded.len(), "{id}");
    assert_eq!(case["raw_bytes"], text.len(), "{id}");
    assert_eq!(case["raw_sha256"], sha256(text), "{id}");
}

#[test]
fn every_recorded_case_is_repeated_to_the_byte() {
    let corpus = Corpus::new();
    let (path, text) = rules::shipped(rules::LOCALAI).unwrap();
    let rules = Rules::read(path.into(), text).unwrap();
    for case in corpus.cases() {
        let text = corpus.text(&case["matrix_blob"]).unwrap();
        let matrix = Matrix::read(Utf8Path::new("m"), &text).unwrap();
        let event =
            Event::read(case["github_event"].to_string().as_bytes(), case["env"]["FORCE_ALL"] == "true");
        let changed = match &case["changed_files"] {
            Value::Null => Err("unknown".to_owned()),
            list => Ok(Changed::of(list).unwrap()),
        };
        let filter = Filter::new(&rules, &matrix);
        let previous = corpus.text(&case["previous_matrix_blob"]);
        let previous = previous.as_deref().and_then(Matrix::read_previous);
        let proto = corpus.text(&case["previous_proto_blob"]).zip(corpus.text(&case["proto_blob"]));
        let proto = proto.as_ref().map(|(before, after)| (before.as_str(), after.as_str()));
        let verdict = match decide(&event, changed) {
            Verdict::Everything { why } => Verdict::Everything { why },
            Verdict::Touched(changed) => {
                let paths = changed.paths(rules.renames);
                let change = Change { paths: &paths, previous: previous.as_ref(), proto, revisions: &() };
                Verdict::Touched(filter.select(&change))
            }
        };
        compare(&case, &filter.outputs(&verdict).emit().unwrap().text);
    }
}

/// The program in an empty directory, and the file that it writes.
struct Place {
    checkout: Checkout,
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { checkout: Checkout::new(), dir: tempfile::tempdir().unwrap() }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn run(&self, args: &[&str], env: &[(&str, &str)]) -> Ran {
        let mut command = self.checkout.command(&["matrix"]);
        command.args(args).envs(env.iter().copied()).current_dir(self.dir.path());
        command.arg("--github-output").arg(self.at("out"));
        ran(&mut command)
    }

    /// What was written; nothing if there is no file.
    fn written(&self) -> String {
        fs::read_to_string(self.at("out")).unwrap_or_default()
    }
}

#[test]
fn the_program_repeats_recorded_cases_outside_of_a_checkout() {
    let corpus = Corpus::new();
    for case in corpus.cases().iter().step_by(9) {
        let place = Place::new();
        let event = place.write("event.json", &case["github_event"].to_string());
        let file = |name: &str| corpus.blob(&case[name]).map(|path| path.to_str().unwrap().to_owned());
        let matrix = file("matrix_blob").unwrap();
        let mut args = vec!["--matrix-file", &matrix, "--rules", "localai", "--event-path", &event];
        let list = place.write("files.json", &case["changed_files"].to_string());
        match &case["changed_files"] {
            Value::Null => args.push("--changed-unknown"),
            _ => args.extend(["--changed-files", &list]),
        }
        let (previous, proto, before) =
            (file("previous_matrix_blob"), file("proto_blob"), file("previous_proto_blob"));
        for (option, path) in
            [("--previous-matrix", &previous), ("--proto", &proto), ("--previous-proto", &before)]
        {
            args.extend(path.iter().flat_map(|path| [option, path.as_str()]));
        }
        let force = case["env"]["FORCE_ALL"].as_str().unwrap_or_default();
        let ran = place.run(&args, &[("FORCE_ALL", force)]);
        assert_eq!(ran.code, 0, "{}: {ran:?}", case["id"]);
        compare(case, &place.written());
    }
}

const MATRIX: &str = "include:
  - {backend: a, dockerfile: ./backend/Dockerfile.python, tag-suffix: -a}
  - {backend: b, dockerfile: ./backend/Dockerfile.golang, tag-suffix: -b}
includeDarwin: []
";
const PUSH: &str = r#"{"ref": "refs/heads/master", "before": "ab1", "after": "cd2", "repository": {"name": "LocalAI", "owner": {"login": "mudler"}}}"#;
const PULL: &str = r#"{"pull_request": {"number": 7, "base": {"sha": "ab1"}}, "repository": {"name": "LocalAI", "owner": {"login": "mudler"}}}"#;

/// Runs the program against an API that knows something.
fn asked(event: &str, known: Known) -> (Place, Ran, GitHub) {
    let place = Place::new();
    let (matrix, event) = (place.write("m.yml", MATRIX), place.write("event.json", event));
    place.write("backend/backend.proto", "message A { int32 a = 1; int32 b = 2; }");
    let api = GitHub::start(known);
    let env = [("GITHUB_API_URL", api.url()), ("GITHUB_TOKEN", "hush".to_owned())];
    let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let ran = place.run(&["--matrix-file", &matrix, "--event-path", &event], &env);
    (place, ran, api)
}

fn files(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_api_is_asked_as_the_reference_asks_it() {
    let contents = [
        (".github/backend-matrix.yml@ab1", MATRIX.replace("backend: b", "backend: c")),
        ("backend/backend.proto@ab1", "message A { int32 a = 1; }".to_owned()),
    ];
    let contents = contents.map(|(name, text)| (name.to_owned(), text)).into();
    let names = files(&[".github/backend-matrix.yml", "backend/backend.proto"]);
    for as_json in [false, true] {
        let known =
            Known { files: names.clone(), contents: Clone::clone(&contents), as_json, ..Known::default() };
        let (place, ran, api) = asked(PUSH, known);
        assert_eq!(ran.code, 0, "{ran:?}");
        let text = place.written();
        assert!(text.contains("run-all=false\n") && text.contains("\na=false\nb=true\n"), "{text}");
        let base = "/repos/mudler/LocalAI";
        let expected = [
            format!("{base}/compare/ab1...cd2"),
            format!("{base}/contents/.github/backend-matrix.yml?ref=ab1"),
            format!("{base}/contents/backend/backend.proto?ref=ab1"),
        ];
        assert_eq!(api.asked(), expected);
        assert_eq!(api.authorization(), "Bearer hush");
        assert!(!format!("{ran:?}").contains("hush"));
    }
}

#[test]
fn pull_requests_are_read_to_the_last_page() {
    let mut names: Vec<String> = (0..99).map(|number| format!("docs/{number}")).collect();
    names.push("backend/python/a/x".to_owned());
    let (place, ran, api) = asked(PULL, Known { files: names, ..Known::default() });
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(place.written().contains("\na=true\nb=false\n"));
    let pages: Vec<String> =
        (1..3).map(|page| format!("/repos/mudler/LocalAI/pulls/7/files?per_page=100&page={page}")).collect();
    assert_eq!(api.asked(), pages);
}

#[test]
fn what_cannot_be_known_builds_everything() {
    let many: Vec<String> = (0..300).map(|number| format!("docs/{number}")).collect();
    let (place, ran, _api) = asked(PUSH, Known { files: many, ..Known::default() });
    assert!(ran.code == 0 && place.written().starts_with("run-all=true\n"), "{ran:?}");
    for (status, body) in [(500, "{}"), (200, "{"), (200, "[]"), (200, r#"{"files": null}"#), (404, "")] {
        for event in [PUSH, PULL] {
            let instead = Some((status, body.to_owned()));
            let (place, ran, _api) = asked(event, Known { instead, ..Known::default() });
            // An empty page is the end of a pull request without files.
            let all = !(event == PULL && body == "[]");
            assert_eq!(
                (ran.code, place.written().starts_with("run-all=true\n")),
                (0, all),
                "{status} {body}: {ran:?}"
            );
            assert_eq!(ran.err.contains("everything is built"), all, "{ran:?}");
        }
    }
    for event in ["", "[]", "{\"ref\": 3"] {
        let (place, ran, api) = asked(event, Known::default());
        assert!(
            ran.code == 0 && place.written().starts_with("run-all=true\n") && api.asked().is_empty(),
            "{ran:?}"
        );
        assert!(ran.err.contains("event"), "{ran:?}");
    }
    // The matrix changed, and nobody knows what it said.
    let (place, ran, _api) =
        asked(PUSH, Known { files: files(&[".github/backend-matrix.yml"]), ..Known::default() });
    let text = place.written();
    assert!(text.contains("run-all=false\n") && text.contains("\na=true\nb=true\n"), "{ran:?} {text}");
}

#[test]
fn broken_input_is_refused_and_nothing_is_written() {
    let place = Place::new();
    let (event, list) = (place.write("e.json", PUSH), place.write("f", "docs/a\n"));
    let good = place.write("good.yml", MATRIX);
    let bad = place.write("bad.yml", "include:\n  - backend: a\n    backend: b\nincludeDarwin: []\n");
    let run = |matrix: &str, rules: &str| {
        place.run(
            &["--matrix-file", matrix, "--rules", rules, "--event-path", &event, "--changed-files", &list],
            &[],
        )
    };
    let many: Vec<_> =
        (0..1021).map(|n| format!("  - {{backend: a, dockerfile: python, tag-suffix: -{n}}}\n")).collect();
    let many = place.write("many.yml", &format!("include:\n{}includeDarwin: []\n", many.concat()));
    let none = place.write("e2.json", "{}");
    for (ran, wanted) in [
        (run(&bad, "localai"), "bad.yml:3:"),
        (run("missing.yml", "localai"), "missing.yml"),
        (run(&good, "lokalai"), "localai-corrected"),
        (run(&good, &bad), "bad.yml:"),
        (place.run(&["--matrix-file", &many, "--event-path", &none], &[]), "256"),
        (
            place.run(&["--matrix-file", &good, "--event-path", &event, "--changed-files", "gone"], &[]),
            "gone",
        ),
    ] {
        assert_eq!((ran.code, place.written().as_str()), (2, ""), "{ran:?}");
        assert!(ran.err.contains(wanted), "{wanted}: {ran:?}");
    }
    // Appended, as the job's other outputs stand there already.
    fs::write(place.at("out"), "x=y\n").unwrap();
    assert_eq!(run(&good, "localai").code, 0);
    assert!(place.written().starts_with("x=y\nrun-all=false\n"));
}

#[test]
fn corrected_rules_look_into_files() {
    let place = Place::new();
    let (event, matrix) = (place.write("e.json", PUSH), place.write("m.yml", MATRIX));
    let list = place.write("f", ".github/workflows/backend_build.yml\n");
    let path = |tree: &str| format!("{tree}/.github/workflows/backend_build.yml");
    place.write(&path("old"), "- uses: a@1\n");
    place.write(&path("new"), "- uses: a@2\n");
    let run = |old: &str| {
        let _ = fs::remove_file(place.at("out"));
        let args = [
            "--matrix-file",
            &matrix,
            "--rules",
            "localai-corrected",
            "--event-path",
            &event,
            "--changed-files",
            &list,
        ];
        let ran = place.run(&[&args[..], &["--tree", "new", "--previous-tree", old]].concat(), &[]);
        assert_eq!(ran.code, 0, "{ran:?}");
        place.written().contains("\na=true\nb=true\n")
    };
    assert!(!run("old"));
    assert!(run("nowhere"));
}
