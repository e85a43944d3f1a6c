//! Which files a new backend gets, and where each comes from.
//!
//! What every backend of a language needs is taken from one that is built and tested here; templates hold the rest.

use super::Language;

/// One file of a new backend.
#[derive(Debug)]
pub struct File {
    /// Below the backend's directory.
    pub path: &'static str,
    /// Its text, with the stand-ins of a template or the names of where it is taken from.
    pub text: &'static str,
    /// What is called otherwise in a new backend; the first that fits wins.
    pub replaced: &'static [(&'static str, &'static str)],
}

macro_rules! template {
    ($language:literal, $($path:literal),*) => {
        [$(File {
            path: $path,
            text: include_str!(concat!("templates/", $language, "/", $path)),
            replaced: &[],
        }),*]
    };
}

macro_rules! taken {
    ($from:literal, $($path:literal $([$($old:literal => $new:literal),*])?),*) => {
        [$(File {
            path: $path,
            text: include_str!(concat!("../../../backend/", $from, "/", $path)),
            replaced: &[$($(($old, $new)),*)?],
        }),*]
    };
}

/// The conformance test of every new backend: they all do the same.
pub const CONFORMANCE: File =
    File { path: "conformance.py", text: include_str!("templates/conformance.py"), replaced: &[] };

const CPP: [&[File]; 2] = [
    &template!(
        "cpp",
        "backend.yaml",
        "README.md",
        "CMakeLists.txt",
        "src/arguments.cpp",
        "src/arguments.h",
        "src/embed.cpp",
        "src/embed.h",
        "src/main.cpp",
        "src/service.cpp",
        "src/service.h",
        "tests/embed_test.cpp"
    ),
    &taken!(
        "cpp/llama-cpp",
        "cmake/rpc.cmake",
        "cmake/system_rpc.cmake",
        "src/access.cpp",
        "src/access.h",
        "src/memory.cpp",
        "src/memory.h",
        "src/parent.cpp",
        "src/parent.h",
        "src/probe.cpp",
        "src/probe.h",
        "src/server.cpp" ["make_shared<Service>(arguments.models)" => "make_shared<Service>()"],
        "src/server.h",
        "src/unreadable.cpp",
        "src/unreadable.h",
        "src/wire.h"
    ),
];

const GO: [&[File]; 2] = [
    &template!(
        "go",
        "backend.yaml",
        "README.md",
        "internal/server/embed.go",
        "internal/server/embed_test.go",
        "internal/server/server.go"
    ),
    &taken!(
        "go/local-store",
        ".gitignore",
        "arguments.go" ["local-store" => "scaffold"],
        "arguments_test.go",
        "generate.go",
        "go.mod" ["module local-store" => "module backend/scaffold"],
        "go.sum",
        "internal/protogen/main.go" ["local-store/internal" => "backend/scaffold/internal"],
        "internal/server/access.go",
        "internal/server/counters.go" ["local-store/internal" => "backend/scaffold/internal"],
        "internal/server/grpc.go" ["local-store/internal" => "backend/scaffold/internal"],
        "internal/server/listen.go",
        "internal/server/memory.go" ["local-store/internal" => "backend/scaffold/internal"],
        "internal/server/parent.go",
        "main.go" [
            "Command local-store serves an in-memory vector store over gRPC" =>
                "Command scaffold serves LocalAI's backend.Backend over gRPC",
            "local-store/internal" => "backend/scaffold/internal",
            "local-store" => "scaffold"
        ]
    ),
];

const PYTHON: [&[File]; 1] = [&template!(
    "python",
    "backend.yaml",
    "README.md",
    "embed.py",
    "requirements.txt",
    "server.py",
    "tests/test_embed.py"
)];

const RUST: [&[File]; 2] = [
    &template!("rust", "backend.yaml", "README.md", "src/embed.rs"),
    &taken!(
        "rust/lexical",
        "Cargo.lock" ["name = \"lexical\"" => "name = \"scaffold\""],
        "Cargo.toml" [
            "Vectors of text from its words and their parts, without a model." => "What it does",
            "lexical" => "scaffold"
        ],
        "build.rs",
        "clippy.toml",
        "src/access.rs",
        "src/arguments.rs" ["lexical" => "scaffold"],
        "src/bin/licenses.rs" ["lexical" => "scaffold"],
        "src/codec.rs",
        "src/counters.rs",
        "src/listen.rs",
        "src/main.rs" [
            " over gRPC: vectors of text from its words and their parts, without a model" => " over gRPC",
            "lexical" => "scaffold"
        ],
        "src/memory.rs",
        "src/parent.rs",
        "src/serve.rs" [
            "64 MiB are 30,000 of 512 numbers" => "64 MiB are 60,000 of 256 numbers",
            "Lexical" => "Service",
            "lexical" => "service"
        ],
        "src/service.rs" [
            "hashed words and groups of three letters" => "counted bytes",
            "lexical" => "scaffold",
            "Lexical" => "Service"
        ]
    ),
];

/// The files of a new backend.
pub fn of(language: Language) -> Vec<&'static File> {
    let parts: &'static [&'static [File]] = match language {
        Language::Cpp => &CPP,
        Language::Go => &GO,
        Language::Python => &PYTHON,
        Language::Rust => &RUST,
    };
    parts.iter().flat_map(|files| files.iter()).collect()
}
