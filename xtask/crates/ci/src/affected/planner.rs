//! Files that are no input of any unit and yet may change every key: what makes steps of manifests.

use camino::Utf8Path;

/// What git does to files when it checks them out.
pub(super) const ATTRIBUTES: &str = ".gitattributes";

/// Crates through which a key can change, and which of their modules none of those uses that make units, plans, digests
/// and keys. A test holds that; no other crate is compiled into these.
pub const APART: [(&str, &[&str]); 10] = [
    ("checkout", &[]),
    ("debian", &[]),
    (
        "exec",
        &["buildx", "ccache", "checkout", "cosign", "disk", "event", "install", "jobserver", "places", "run"],
    ),
    ("halt", &[]),
    ("launcher", &[]),
    ("memo", &[]),
    ("model", &[]),
    ("pack", &[]),
    ("plan", &["why"]),
    (
        "store",
        &[
            "blobs",
            "entry",
            "files",
            "gc",
            "last",
            "layout",
            "lock",
            "reservation",
            "restore",
            "stage",
            "stamp",
            "survey",
            "verify",
        ],
    ),
];
/// Files of the crate that carries plans out through which a key can change.
const FRONT: [&str; 7] = [
    "xtask/crates/drive/src/make/belonging.rs",
    "xtask/crates/drive/src/make/census.rs",
    "xtask/crates/drive/src/make/contract.rs",
    "xtask/crates/drive/src/make/measure.rs",
    "xtask/crates/drive/src/repo.rs",
    "xtask/crates/drive/src/session.rs",
    "xtask/crates/drive/Cargo.toml",
];
/// What decides how these are compiled, and of which versions of their dependencies.
const COMPILED: [&str; 6] = [
    "Cargo.lock",
    "Cargo.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
    ".cargo/config.toml",
    "xtask/Cargo.toml",
];

/// Whether a changed file may change steps, facts or digests of units that it is no input of.
///
/// The keys of a base are made by the planner that runs, which is not the base's own if such a file differs.
pub fn feeds_planning(path: &str) -> bool {
    if COMPILED.contains(&path) || FRONT.contains(&path) {
        return true;
    }
    let Some((name, rest)) = path.strip_prefix("xtask/crates/").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let Some((_, apart)) = APART.iter().find(|(keyed, _)| *keyed == name) else { return false };
    match rest.strip_prefix("src/") {
        Some(_) if rest.ends_with("/tests.rs") => false,
        Some(file) => {
            let module = file.split('/').next().unwrap_or(file);
            !apart.contains(&module.strip_suffix(".rs").unwrap_or(module))
        }
        None => matches!(rest, "Cargo.toml" | "build.rs"),
    }
}

/// The directory of a file that has this name; empty for the root.
pub(super) fn directory<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    let path = Utf8Path::new(path);
    (path.file_name() == Some(name)).then(|| path.parent().map_or("", Utf8Path::as_str))
}
