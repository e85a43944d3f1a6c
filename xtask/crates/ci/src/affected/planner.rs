//! Files that are no input of any unit and yet may change every key: what makes steps of manifests.

use camino::Utf8Path;

/// What git does to files when it checks them out.
pub(super) const ATTRIBUTES: &str = ".gitattributes";

/// Crates through which a key can change; `build.rs` finds them.
const KEYED: &[&str] = include!(concat!(env!("OUT_DIR"), "/keyed.rs"));
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
pub(super) fn feeds_planning(path: &str) -> bool {
    if COMPILED.contains(&path) {
        return true;
    }
    let Some((name, rest)) = path.strip_prefix("xtask/crates/").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let compiled = matches!(rest, "Cargo.toml" | "build.rs") || rest.starts_with("src/");
    KEYED.contains(&name) && compiled && !rest.ends_with("/tests.rs")
}

/// The directory of a file that has this name; empty for the root.
pub(super) fn directory<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    let path = Utf8Path::new(path);
    (path.file_name() == Some(name)).then(|| path.parent().map_or("", Utf8Path::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_with_the_crates_that_measure_and_those_below_them() {
        for path in
            ["drive/src/make/measure.rs", "plan/src/key.rs", "launcher/src/main.rs", "store/Cargo.toml"]
        {
            assert!(feeds_planning(&format!("xtask/crates/{path}")), "{path}");
        }
        for path in
            ["ui/src/lib.rs", "oci/src/lib.rs", "ci/src/lib.rs", "localai/src/lib.rs", "plan/tests/x.rs"]
        {
            assert!(!feeds_planning(&format!("xtask/crates/{path}")), "{path}");
        }
        assert!(feeds_planning("Cargo.lock") && !feeds_planning("xtask/src/main.rs"));
    }
}
