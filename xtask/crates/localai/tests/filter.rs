//! The filter: edges of the formats, the corrected rules, and that more files never mean fewer entries.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

use localai::filter::rules::{CORRECTED, LOCALAI, shipped};
use localai::filter::{
    Change, Changed, Event, Filter, Matrix, Renames, Revisions, Rules, Scope, Verdict, decide,
};
use proptest::prelude::*;
use std::borrow::Cow;

/// One entry of every kind that a rule tells from another.
const MATRIX: &str = r"
include:
  - {backend: vllm, dockerfile: ./backend/Dockerfile.python, tag-suffix: -cpu-vllm, build-type: '', cuda-major-version: '', runs-on: a}
  - {backend: vllm, dockerfile: ./backend/Dockerfile.python, tag-suffix: -cuda-12-vllm, build-type: cublas, cuda-major-version: '12'}
  - {backend: vllm, dockerfile: ./backend/Dockerfile.python, tag-suffix: -cuda-13-vllm, build-type: cublas, cuda-major-version: '13'}
  - {backend: vllm-omni, dockerfile: ./backend/Dockerfile.python, tag-suffix: -rocm-vllm-omni, build-type: hipblas}
  - {backend: whisper, dockerfile: ./backend/Dockerfile.golang, tag-suffix: -cpu-whisper, platform-tag: amd64, build-type: ''}
  - {backend: whisper, dockerfile: ./backend/Dockerfile.golang, tag-suffix: -cpu-whisper, platform-tag: arm64, build-type: ''}
  - {backend: llama-cpp, dockerfile: ./backend/Dockerfile.llama-cpp, tag-suffix: -cpu-llama-cpp, build-type: '', builder-base-image: b, base-image: c}
  - {backend: turboquant, dockerfile: ./backend/Dockerfile.turboquant, tag-suffix: -cuda-12-turboquant, build-type: cublas, builder-base-image: b}
  - {backend: ds4, dockerfile: ./backend/Dockerfile.ds4, tag-suffix: -cpu-ds4, build-type: ''}
  - {backend: odd, dockerfile: ./backend/Dockerfile.odd, tag-suffix: -odd}
includeDarwin:
  - {backend: vllm, tag-suffix: -metal-vllm, build-type: mps}
  - {backend: whisper, tag-suffix: -metal-whisper, lang: go}
  - {backend: llama-cpp, tag-suffix: -metal-llama-cpp, lang: go}
  - {backend: audio-cpp, tag-suffix: -metal-audio-cpp, lang: go}
";

fn rules(name: &str) -> Rules {
    let (path, text) = shipped(name).unwrap();
    Rules::read(path.into(), text).unwrap_or_else(|errors| panic!("{errors}"))
}

/// Texts of one file.
struct Texts<'a>(&'a str, &'a str, &'a str);

impl Revisions for Texts<'_> {
    fn texts(&self, path: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
        (path == self.0).then_some((Cow::Borrowed(self.1), Cow::Borrowed(self.2)))
    }
}

fn suffixes(rules: &Rules, change: &Change<'_>) -> Vec<String> {
    let matrix = Matrix::read("m.yml".into(), MATRIX).unwrap();
    let filter = Filter::new(rules, &matrix);
    let selection = filter.select(change);
    let name = |chosen: &localai::filter::Chosen<'_, '_>| {
        assert!(!chosen.reasons.is_empty());
        let (suffix, platform) = chosen.entry.identity();
        format!("{suffix}{}{platform}", if platform.is_empty() { "" } else { "-" })
    };
    let mut chosen: Vec<String> = selection.linux.iter().chain(&selection.darwin).map(name).collect();
    // No rule says where its sources are: always built by the corrected rules, and never by the reference's.
    let odd = chosen.iter().position(|suffix| suffix == "-odd");
    assert_eq!(odd.is_some(), rules.unplaced, "{chosen:?}");
    odd.map(|odd| chosen.remove(odd));
    chosen
}

/// What a file touches by the reference's rules, and by the corrected ones.
fn both(path: &str) -> [Vec<String>; 2] {
    [LOCALAI, CORRECTED].map(|name| touched(name, path, &()))
}

fn touched(name: &str, path: &str, revisions: &dyn Revisions) -> Vec<String> {
    suffixes(&rules(name), &Change { paths: &[path], previous: None, proto: None, revisions })
}

const NONE: [&str; 0] = [];

#[test]
fn builder_scripts_touch_what_they_build() {
    let [before, after] = both(".docker/llama-cpp-build-target.sh");
    assert_eq!((before.len(), after), (0, vec!["-cpu-llama-cpp".to_owned()]));
    let [before, after] = both(".docker/install-base-deps.sh");
    assert_eq!((before.len(), after.join(" ").as_str()), (0, "-cpu-llama-cpp -cuda-12-turboquant"));
    let [before, after] = both("backend/Dockerfile.base-grpc-builder");
    assert_eq!((before.len(), after.len()), (0, 2));
    for path in [
        ".docker/apt-mirror.sh",
        ".docker/new.sh",
        ".dockerignore",
        ".github/actions/configure-apt-mirror/action.yml",
    ] {
        let [before, after] = both(path);
        assert_eq!((before.len(), after.len()), (0, 9), "{path}");
    }
}

#[test]
fn modules_of_go_touch_what_is_linked_with_them() {
    let [before, after] = both("go.mod");
    assert_eq!(
        (before.len(), after.join(" ").as_str()),
        (0, "-cpu-whisper-amd64 -cpu-whisper-arm64 -metal-whisper")
    );
    let other = Texts("go.mod", "github.com/a/b v1\n", "github.com/a/b v2\n");
    assert_eq!(touched(CORRECTED, "go.mod", &other), NONE);
    let linked = Texts("go.mod", "golang.org/x/net v1\n", "golang.org/x/net v2\n");
    assert_eq!(touched(CORRECTED, "go.mod", &linked).len(), 3);
}

#[test]
fn modules_and_packages_of_few_backends_touch_those() {
    let valkey =
        Texts("go.mod", "github.com/valkey-io/valkey-go v1\n", "github.com/valkey-io/valkey-go v2\n");
    assert_eq!(touched(CORRECTED, "go.mod", &valkey), NONE);
    // Lines of two rules, each of which sees to its own.
    let two = Texts(
        "go.mod",
        "golang.org/x/net v1\ngithub.com/valkey-io/valkey-go v1\n",
        "golang.org/x/net v2\ngithub.com/valkey-io/valkey-go v2\n",
    );
    assert_eq!(touched(CORRECTED, "go.mod", &two).len(), 3);
    assert_eq!(both("pkg/utils/untar.go")[1].len(), 3);
}

#[test]
fn forks_have_pins_of_their_own() {
    let path = "backend/cpp/llama-cpp/Makefile";
    let bump = Texts(path, "LLAMA_VERSION?=a\nx\n", "LLAMA_VERSION?=b\nx\n");
    assert_eq!(touched(LOCALAI, path, &bump).len(), 3);
    assert_eq!(touched(CORRECTED, path, &bump), ["-cpu-llama-cpp", "-metal-llama-cpp"]);
    let more = Texts(path, "LLAMA_VERSION?=a\nx\n", "LLAMA_VERSION?=b\ny\n");
    assert_eq!(touched(CORRECTED, path, &more).len(), 3);
    assert_eq!(both("backend/cpp/llama-cpp/patches/a.patch")[1].len(), 2);
    assert_eq!(both("backend/cpp/llama-cpp/grpc-server.cpp")[1].len(), 3);
}

#[test]
fn what_reaches_no_image_touches_nothing() {
    for path in [
        "scripts/build/healthcheck.sh",
        "backend/python/common/template/requirements.txt",
        "backend/python/vllm/README.md",
        "backend/python/vllm/test.py",
        "backend/go/whisper/main_test.go",
        "pkg/grpc/README.md",
    ] {
        let [before, after] = both(path);
        assert!(!before.is_empty() && after.is_empty(), "{path}: {before:?} {after:?}");
    }
}

#[test]
fn scripts_of_one_kind_touch_that_kind() {
    assert_eq!(both("scripts/build/audio-cpp-darwin.sh")[1], ["-metal-audio-cpp"]);
    assert_eq!(both("scripts/lib/extract-vllm-metal-version.sh"), [vec![], vec!["-metal-vllm".to_owned()]]);
    let gpu = ["-cuda-12-vllm", "-cuda-13-vllm", "-rocm-vllm-omni", "-cuda-12-turboquant"];
    let after = both("scripts/build/package-gpu-libs.sh")[1].clone();
    assert_eq!(after, gpu);
    assert!(!both("scripts/build/package-system-libs.sh")[1].iter().any(|suffix| suffix.ends_with("vllm")));
}

#[test]
fn newer_actions_and_comments_change_no_image() {
    let path = ".github/workflows/backend_build.yml";
    let bump = Texts(path, "  - uses: a@1\n# x\nrun: y\n", "  - uses: a@2\n# z\nrun: y\n");
    assert_eq!((touched(LOCALAI, path, &bump).len(), touched(CORRECTED, path, &bump).len()), (9, 0));
    let real = Texts(path, "run: y\n", "run: z\n");
    assert_eq!(touched(CORRECTED, path, &real).len(), 9);
}

#[test]
fn requirements_of_a_profile_touch_that_profile() {
    let path = |file: &str| format!("backend/python/vllm/{file}");
    assert_eq!(both(&path("requirements-cublas12.txt"))[1], ["-cuda-12-vllm"]);
    assert_eq!(both(&path("requirements-cpu.txt"))[1], ["-cpu-vllm"]);
    assert_eq!(both(&path("requirements-mps.txt"))[1], ["-metal-vllm"]);
    assert_eq!(both(&path("requirements.txt"))[1].len(), 4);
    assert_eq!(both(&path("requirements-new.txt"))[1].len(), 4);
}

#[test]
fn fields_that_no_build_reads_and_platforms_of_one_image() {
    let with = |from: &str, to: &str, name: &str| {
        let before = MATRIX.replacen(from, to, 1);
        let previous = Matrix::read_previous(&before);
        let paths = [".github/backend-matrix.yml"];
        suffixes(
            &rules(name),
            &Change { paths: &paths, previous: previous.as_ref(), proto: None, revisions: &() },
        )
    };
    assert_eq!(with("runs-on: a", "runs-on: b", LOCALAI), ["-cpu-vllm"]);
    assert_eq!(with("runs-on: a", "runs-on: b", CORRECTED), NONE);
    assert_eq!(with("base-image: c", "base-image: d", LOCALAI), ["-cpu-llama-cpp"]);
    assert_eq!(with("base-image: c", "base-image: d", CORRECTED), NONE);
    let leg = ("platform-tag: arm64, build-type: ''", "platform-tag: arm64, build-type: x");
    assert_eq!(with(leg.0, leg.1, LOCALAI), ["-cpu-whisper-arm64"]);
    assert_eq!(with(leg.0, leg.1, CORRECTED), ["-cpu-whisper-amd64", "-cpu-whisper-arm64"]);
    assert_eq!(with("cuda-major-version: '12'", "cuda-major-version: 12", LOCALAI), ["-cuda-12-vllm"]);
}

#[test]
fn renamed_files_are_gone_from_their_old_place() {
    let list = r#"[{"filename": "docs/a", "previous_filename": "backend/python/vllm/a"}]"#;
    let changed = Changed::read(list).unwrap();
    for (name, count) in [(LOCALAI, 0), (CORRECTED, 4)] {
        let rules = rules(name);
        let paths = changed.paths(rules.renames);
        assert_eq!(
            suffixes(&rules, &Change { paths: &paths, previous: None, proto: None, revisions: &() }).len(),
            count
        );
    }
}

#[test]
fn siblings_of_a_name_are_not_mixed() {
    assert_eq!(both("backend/python/vllm-omni/a")[0], ["-rocm-vllm-omni"]);
    assert_eq!(both("backend/cpp/llama-cpp-x/a")[0], NONE);
    assert_eq!(both("backend/Dockerfile.odd")[0], NONE);
}

#[test]
fn lists_of_changed_files_in_every_form() {
    let paths = |text: &str| {
        Changed::read(text).unwrap().paths(Renames::New).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(paths("a b\r\nünï\n\n[x].tsx\n"), ["a b", "ünï", "[x].tsx"]);
    assert_eq!(paths("[x]/a\nb"), ["[x]/a", "b"]);
    assert_eq!(paths("[\"a\", {\"filename\": \"b\"}]"), ["a", "b"]);
    assert_eq!((paths("[]").len(), paths("").len()), (0, 0));
    for broken in ["[\"a\",", "[{\"name\": \"a\"}]"] {
        assert!(Changed::read(broken).is_err(), "{broken}");
    }
}

#[test]
fn the_decision_table() {
    let scope = |text: &str, force| Event::read(text.as_bytes(), force).scope;
    let everything = |text: &str, force| matches!(scope(text, force), Scope::Everything { .. });
    let push = r#"{"ref": "refs/heads/master", "before": "ab", "after": "cd"}"#;
    assert!(matches!(scope(push, false), Scope::Push { .. }));
    assert!(everything(push, true));
    assert!(everything(&push.replace("ab", "000"), false));
    assert!(everything(&push.replace("refs/heads/master", "refs/tags/v1"), false));
    assert!(everything(r#"{"ref": "refs/heads/master"}"#, false));
    assert!(everything(r#"{"schedule": "0 6 * * 0"}"#, false));
    let pull = r#"{"ref": "refs/tags/v1", "pull_request": {"number": 3, "base": {"sha": "ab"}}}"#;
    assert!(matches!(scope(pull, true), Scope::Pull { number: Some(3), .. }));
    for broken in ["", "{", "[]", "null", "\u{feff}7"] {
        let event = Event::read(broken.as_bytes(), false);
        assert!(matches!(event.scope, Scope::Everything { .. }) && event.warning.is_some(), "{broken}");
    }
    let files = |count: usize| Changed::read(&"a\n".repeat(count)).map_err(|error| error.to_string());
    let all = |text: &str, count| {
        matches!(decide(&Event::read(text.as_bytes(), false), files(count)), Verdict::Everything { .. })
    };
    assert_eq!([299, 300, 301].map(|count| all(push, count)), [false, true, true]);
    assert_eq!([299, 300, 301].map(|count| all(pull, count)), [false, false, false]);
    assert!(matches!(
        decide(&Event::read(pull.as_bytes(), false), Err("x".to_owned())),
        Verdict::Everything { .. }
    ));
}

#[test]
fn broken_matrices_say_where() {
    for (text, line) in [
        ("", 1),
        ("- a\n", 1),
        ("include: []\n", 1),
        ("include: []\nincludeDarwin: 3\n", 1),
        ("include:\n  - {tag-suffix: -a}\nincludeDarwin: []\n", 2),
        ("include:\n  - a: 1\n    a: 2\nincludeDarwin: []\n", 3),
    ] {
        let error = Matrix::read("m.yml".into(), text).unwrap_err();
        assert_eq!(error.line, line, "{text:?}: {error}");
    }
    for text in ["include: [\n", "a: *x\n", "a: !x b\n", "a: 1\n---\nb: 1\n"] {
        assert!(Matrix::read("m.yml".into(), text).is_err(), "{text}");
    }
    assert!(Matrix::read_previous("").is_none() && Matrix::read_previous("a: [").is_none());
    assert!(Matrix::read_previous("include: []").is_some());
}

#[test]
fn broken_rules_say_where() {
    let (_, text) = shipped(LOCALAI).unwrap();
    for (from, to, wanted) in [
        ("dir: backend/cpp/ds4/", "dir: backend/cpp/ds4", "slash"),
        ("{backend}/", "{backend/", "braces"),
        ("matrix: .github", "matrx: .github", "matrx"),
        ("files: [{ is: [backend/backend.proto] }]", "files: [{}]", "every file"),
        ("proto: backend/backend.proto\n", "", "contract"),
    ] {
        assert!(text.contains(from), "{from}");
        let errors = Rules::read("r.yml".into(), &text.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(errors.contains(wanted) && errors.contains("r.yml:"), "{errors}");
    }
}

fn path() -> impl Strategy<Value = String> {
    const PARTS: [&str; 15] = [
        "backend/",
        "python/",
        "go/",
        "cpp/",
        "vllm/",
        "whisper/",
        "llama-cpp/",
        "common/",
        "scripts/build/",
        "pkg/grpc/",
        ".docker/",
        "a",
        "README.md",
        "go.mod",
        "Dockerfile.python",
    ];
    prop_oneof![
        proptest::collection::vec(proptest::sample::select(&PARTS[..]), 1..5)
            .prop_map(|parts| parts.concat()),
        proptest::sample::select(vec![
            ".github/backend-matrix.yml".to_owned(),
            "backend/backend.proto".to_owned()
        ]),
    ]
}

proptest! {
    #[test]
    fn a_file_more_never_takes_an_entry_away(files in proptest::collection::vec(path(), 0..6), more in path(), corrected: bool) {
        let rules = rules(if corrected { CORRECTED } else { LOCALAI });
        let fewer: Vec<&str> = files.iter().map(String::as_str).collect();
        let all: Vec<&str> = fewer.iter().copied().chain([more.as_str()]).collect();
        let select = |paths: &[&str]| suffixes(&rules, &Change { paths, previous: None, proto: Some(("", "a = 1;")), revisions: &() });
        let before = select(&fewer);
        let after = select(&all);
        prop_assert!(before.iter().all(|suffix| after.contains(suffix)), "{before:?} {after:?}");
    }
}
