//! Which names a new backend may have, beyond those of every backend.

use super::{Language, files, lock};
use model::manifest::Manifests;
use model::name::BackendName;

/// Directories that are something else beside or inside a backend.
const RESERVED: [&str; 10] =
    ["build", "common", "internal", "new", "patches", "runtime", "target", "testdata", "tests", "vendor"];

/// What neither a crate nor its program can be called.
const RUST: [&str; 65] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "union",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
    "con",
    "nul",
    "aux",
    "licenses",
];

/// Why a name cannot be had, in a sentence.
pub fn check(manifests: &Manifests, language: Language, name: &BackendName) -> Result<(), String> {
    if let Some(there) = manifests.backends.get(name) {
        return Err(format!("there is a backend `{name}` already: {}; choose another name", there.dir));
    }
    let text = name.as_str();
    if RESERVED.contains(&text) {
        return Err(format!("`{name}` is a directory of something else; choose another name"));
    }
    if language == Language::Rust {
        rust(text)?;
    }
    Ok(())
}

fn rust(name: &str) -> Result<(), String> {
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.contains('.') {
        return Err(format!(
            "a crate cannot be called `{name}`: it begins with a letter and has no `.`; choose another name"
        ));
    }
    if RUST.contains(&name) {
        return Err(format!("a crate cannot be called `{name}`, a word of Rust's own; choose another name"));
    }
    let locks = files::of(Language::Rust).into_iter().filter(|file| file.path == "Cargo.lock");
    if locks.flat_map(|file| lock::packages(file.text)).any(|package| package == name) {
        return Err(format!("the backend would link a crate called `{name}` itself; choose another name"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cargo_would_refuse() {
        for name in ["7zip", "llama.cpp", "match", "tokio", "licenses"] {
            assert!(rust(name).is_err(), "{name}");
        }
        for name in ["echo", "whisper-cpp", "a_1"] {
            assert!(rust(name).is_ok(), "{name}");
        }
    }
}
