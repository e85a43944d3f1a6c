//! For every rule, what breaks it and nothing else, and where that must be shown.

use super::parsed::parsed;
use super::sound::{Edit, Sound, place};

/// One thing that is wrong.
pub struct Case {
    /// The rule that it breaks.
    pub rule: &'static str,
    pub edits: Vec<Edit>,
    /// Where it must be shown.
    pub at: String,
    /// What `check` is told besides.
    pub args: &'static [&'static str],
    /// Rules that cannot but be broken with it.
    pub also: &'static [&'static str],
}

const VARIANTS: &str = "backend/variants.yaml";
const SOURCES: &str = "backend/sources.yaml";
const LLAMA: &str = "backend/cpp/llama-cpp/backend.yaml";
const MINILM: &str = "backend/python/minilm/backend.yaml";
const WORKFLOW: &str = ".github/workflows/own.yml";
const MATRIX: &str = "m.yml";

pub fn case(rule: &'static str, edits: Vec<Edit>, at: impl Into<String>) -> Case {
    Case { rule, edits, at: at.into(), args: &[], also: &[] }
}

fn replaced(rule: &'static str, file: &'static str, from: &str, to: &str, at: &str) -> Case {
    case(rule, vec![Edit::Replace(file, from.to_owned(), to.to_owned())], format!("{file}:{at}"))
}

/// A file that is written, and the word in it that must be shown.
fn written(rule: &'static str, file: &'static str, text: &str, word: &str) -> Case {
    case(rule, vec![Edit::Write(file, text.to_owned())], place(file, text, word))
}

/// A workflow of somebody's own, which nothing generates.
pub fn workflow(rule: &'static str, text: &str, word: &str) -> Case {
    Case { also: &["workflows"], ..written(rule, WORKFLOW, text, word) }
}

/// Six backends in C++ for macOS, whose compiler caches alone are more than GitHub keeps.
fn caches_beyond_the_budget() -> Case {
    let file = |number: usize| format!("backend/cpp/llama-cpp-{number}/backend.yaml");
    let llama =
        std::fs::read_to_string(crate::checkout::repository().join("tests/fixtures/small").join(LLAMA));
    let llama = llama.unwrap();
    let edits = (1..6).map(|number| {
        let text = llama.replace("name: llama-cpp", &format!("name: llama-cpp-{number}"));
        Edit::Write(file(number).leak(), text)
    });
    Case { also: &["conformance"], ..case("cache-budget", edits.collect(), format!("{}:18:3", file(4))) }
}

fn leg_of(arch: &str, runner: &str) -> String {
    format!(
        "  - build-type: ''\n    platforms: 'linux/{arch}'\n    platform-tag: '{arch}'\n    tag-suffix: '-cpu-a'\n    \
         runs-on: '{runner}'\n    backend: \"a\"\n    ubuntu-version: '2404'\n"
    )
}

/// A matrix of two legs, after something is replaced in the second.
fn matrix(rule: &'static str, from: &str, to: &str, word: &str) -> Case {
    let second = leg_of("arm64", "ubuntu-24.04-arm");
    assert!(second.contains(from), "{from}");
    let head = format!("include:\n{}", leg_of("amd64", "ubuntu-latest"));
    let second = second.replacen(from, to, 1);
    let at = second.find(word).unwrap() + head.len();
    let text = head + &second;
    // The first leg may hold the same word.
    let line = text[..at].matches('\n').count() + 1;
    let column = at - text[..at].rfind('\n').unwrap();
    let edits = vec![Edit::Write(MATRIX, text)];
    Case { args: &["--matrix-file", MATRIX], ..case(rule, edits, format!("{MATRIX}:{line}:{column}")) }
}

/// All of them.
pub fn cases(sound: &Sound) -> Vec<Case> {
    let all = [pipeline(sound), rows(), manifests(sound), workflows(), code(), parsed(sound)];
    all.into_iter().flatten().collect()
}

fn pipeline(sound: &Sound) -> Vec<Case> {
    let python = "docker/Dockerfile.python";
    let run = "[\"/bin/sh\", \"/steps/build.sh\"]";
    let install = "[\"/bin/sh\", \"/steps/install.sh\"]";
    let base = sound.place(VARIANTS, "vulkan-arm64 }");
    let lock = "requirements: [requirements.txt]\n  lock: requirements.lock";
    vec![
        replaced("refresh", VARIANTS, "iso-week", "never", "8:10"),
        caches_beyond_the_budget(),
        case(
            "refresh",
            vec![
                Edit::Replace(MINILM, "requirements: [requirements.txt]".to_owned(), lock.to_owned()),
                Edit::Replace(
                    MINILM,
                    "minilm/backend.yaml]".to_owned(),
                    "minilm/backend.yaml, \"**/*.lock\"]".to_owned(),
                ),
                Edit::Write("backend/python/minilm/requirements.lock", String::new()),
            ],
            format!("{MINILM}:18:9"),
        ),
        replaced(
            "unique-tags",
            MINILM,
            "python:\n",
            "tag-suffixes:\n  cpu: -cpu-local-store\npython:\n",
            "15:8",
        ),
        replaced(
            "install-logic",
            python,
            run,
            "apt-get install -y g++",
            sound.place(python, run).trim_start_matches(python).trim_start_matches(':'),
        ),
        case(
            "install-logic",
            vec![Edit::Replace(
                python,
                format!("required=false \\\n    {install}"),
                format!("required=true \\\n    {install}"),
            )],
            sound.place(python, "RUN"),
        ),
        case(
            "bases",
            vec![Edit::Replace(
                VARIANTS,
                "base: vulkan-arm64 }".to_owned(),
                "base: vulkan-arm65 }".to_owned(),
            )],
            base.clone(),
        ),
        case(
            "bases",
            vec![Edit::Replace(
                VARIANTS,
                "base: vulkan-arm64 }".to_owned(),
                "base: vulkan-amd64 }".to_owned(),
            )],
            base,
        ),
    ]
}

fn rows() -> Vec<Case> {
    vec![
        matrix(
            "unique-tags",
            &leg_of("arm64", "ubuntu-24.04-arm"),
            &leg_of("amd64", "ubuntu-latest"),
            "'-cpu-a'",
        ),
        matrix(
            "row-platforms",
            "platforms: 'linux/arm64'",
            "platforms: 'linux/arm64,linux/amd64'",
            "'linux/",
        ),
        matrix("row-runner", "'ubuntu-24.04-arm'", "'ubuntu-24.04'", "'ubuntu-24.04'"),
        matrix("row-suffix", "'-cpu-a'", "'-cpu-b'", "'-cpu-b'"),
        matrix("row-legs", "'2404'", "'2204'", "'2204'"),
        matrix("row-strings", "'2404'", "2404", "2404"),
    ]
}

fn manifests(sound: &Sound) -> Vec<Case> {
    let told = format!("{{\"manifest\":\"{MINILM}\",\"advice\":\"a library is in no fact; add a line\"}}");
    let tag = "      git-tag: { url: \"https://git.example/x\", tag: v1, reason: none }\n";
    let git = "      git:\n        url: https://git.example/llama.cpp\n        commit: 1111111111111111111111111111111111111111\n    \
               tree: 2222222222222222222222222222222222222222222222222222222222222222\n";
    vec![
        case(
            "accounted",
            vec![Edit::Write("target/backends/x/unaccounted.json", told)],
            format!("{MINILM}:1:1"),
        ),
        Case {
            also: &["conformance"],
            ..case(
                "manifests",
                vec![
                    Edit::Write("backend/rust/r/backend.yaml", rust_backend()),
                    Edit::Write("backend/rust/r/.cargo/config.toml", "[build]\n".to_owned()),
                ],
                "backend/rust/r/.cargo/config.toml:1:1",
            )
        },
        replaced("manifests", MINILM, "entry: server.py", "entry: nobody.py", "15:10"),
        replaced("manifests", SOURCES, "one.patch", "two.patch", "10:15"),
        replaced("manifests", MINILM, "task: embed", "task: embedd", "5:7"),
        replaced("manifests", MINILM, "backend/backend.proto,", "backend/backends.proto,", "8:13"),
        replaced("pins", SOURCES, git, tag, "6:7"),
        replaced("pins", SOURCES, "22222222", "2222222x", "9:11"),
        replaced("licences", SOURCES, "license: MIT", "license: MIT-2", "11:14"),
        replaced("licences", MINILM, "license: MIT", "license: MIT OR Apache", "4:17"),
        case("conformance", vec![Edit::Remove("tests/conformance/test_minilm.py")], format!("{MINILM}:2:7")),
        written("docker-files", "docker/notes.txt", "Remember.\n", "Remember"),
        replaced("contract", "docker/Dockerfile.root", "\"OK\"", "\"ok\"", "23:77"),
        case("docker-files", vec![Edit::Remove("docker/Dockerfile.rust")], "docker/Dockerfile.rust:1:1"),
        replaced("generated", "docs/checks.md", "# Rules", "# Rulez", "1:7"),
        replaced(
            "generated",
            "docs/schemas/sources.schema.json",
            "\"title\"",
            "\"titel\"",
            sound
                .place("docs/schemas/sources.schema.json", "\"title\"")
                .split_once(':')
                .map(|(_, at)| after(at, 4))
                .unwrap()
                .as_str(),
        ),
    ]
}

/// A place some columns further on.
fn after(at: &str, columns: usize) -> String {
    let (line, column) = at.split_once(':').unwrap();
    format!("{line}:{}", column.parse::<usize>().unwrap() + columns)
}

fn workflows() -> Vec<Case> {
    let push =
        |more: &str| format!("name: own\non:\n  push:\njobs:\n  a:\n    runs-on: ubuntu-latest\n{more}");
    let commit = "0".repeat(40);
    let cache =
        format!("    steps:\n      - uses: actions/cache@{commit}\n        with:\n          path: x\n");
    let save = format!("    steps:\n      - if: always()\n        uses: actions/cache/save@{commit}\n");
    let to = "    steps:\n      - run: x\n        env:\n          W: ${{ github.event_name != 'pull_request' && 'cache-to=type=registry,ref=a' }}\n";
    let digest =
        "    steps:\n      - run: |\n          bake --set '*.output=type=image,push-by-digest=true'\n";
    let stray = push("");
    vec![
        written("workflows", WORKFLOW, &stray, "name"),
        replaced("workflows", ".github/workflows/backend.yml", "\non:", "\nno:", "8:1"),
        case(
            "workflows",
            vec![Edit::Remove(".github/workflows/image.yml")],
            ".github/workflows/image.yml:1:1",
        ),
        workflow("cache-writes", &push(&cache), "actions/cache@"),
        workflow("cache-writes", &push(&save), "actions/cache/save@"),
        workflow("ignore-error", &push(to), "cache-to"),
        workflow("provenance", &push(digest), "push-by-digest=true"),
        replaced("runners", VARIANTS, "runner: ubuntu-latest", "runner: bigger-runner", "19:13"),
        replaced("row-runner", VARIANTS, "runner: ubuntu-24.04-arm", "runner: ubuntu-24.04", "26:13"),
        replaced("row-runner", LLAMA, "cpu: [linux/amd64,", "cpu: [darwin/amd64, linux/amd64,", "18:3"),
    ]
}

fn code() -> Vec<Case> {
    // In two parts, so that this file breaks no rule.
    let host = ["py", "pi.org"].concat();
    vec![
        replaced("commands", "README.md", "cargo xtask list", "cargo xtask lits", "4:13"),
        written("commands", "docs/a.md", "Type:\n\n    cargo xtask list --nope\n", "list"),
        written("hosts", "docs/b.md", &format!("See https://{host}/x.\n"), &host),
    ]
}

/// A Rust backend that says nothing of cargo's configuration.
fn rust_backend() -> String {
    "# yaml-language-server: $schema=../../../docs/schemas/backend.schema.json\n\nname: r\ndescription: Rust\nlicense: MIT\ntask: embed\ninputs:\n  include: [backend/rust/r/**]\n\
     variants:\n  cpu: [linux/amd64]\nrust:\n  binary: r\n"
        .to_owned()
}
