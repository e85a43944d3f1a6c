//! Rule: a registry that fails does not fail a build.

use crate::read::spots;
use crate::{Found, Repository, Rule};
use serde_json::Value;

pub(super) const RULE: Rule = Rule {
    name: "ignore-error",
    meaning: "every `cache-to` has `ignore-error=true`",
    source: "cache pipeline 4",
    run,
};

const SWITCH: &str = "ignore-error=true";

fn run(repository: &Repository<'_>, found: &mut Found) {
    for drawn in repository.drawn() {
        if let Some(cache) = strict(&drawn.writing) {
            let way: Vec<&str> = drawn.way.iter().map(String::as_str).collect();
            let message =
                format!("{} writes its cache with `{cache}`, expected `{SWITCH}` in it", drawn.name);
            let help = "see `CacheTo` in xtask/crates/plan/src/lower/bake/cache.rs";
            found.add(&drawn.file, repository.key(&drawn.file, &way), message, help);
        }
    }
    for (file, text) in repository.below(".github", &[".yml", ".yaml"]) {
        for (number, line) in spots::numbered(text) {
            let writes = line.contains("cache-to") && line.contains("type=registry");
            if writes && !line.trim_start().starts_with('#') && !line.contains(SWITCH) {
                let message =
                    format!("`cache-to` without `{SWITCH}`: a registry's hiccup would fail the build");
                let help = format!("add `,{SWITCH}`, or let `cargo xtask build-backend` write the cache");
                found.add(file, spots::of(number, line, "cache-to"), message, help);
            }
        }
    }
}

/// The first cache that a failure would fail the build with.
fn strict(targets: &Value) -> Option<String> {
    let targets = targets.as_object()?.values();
    let caches = targets.flat_map(|target| target["cache-to"].as_array().into_iter().flatten());
    caches
        .filter_map(Value::as_str)
        .find(|cache| !cache.split(',').any(|part| part == SWITCH))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bake files are made by types: what breaks the rule is written here by hand.
    #[test]
    fn a_strict_cache_is_found() {
        let target = |cache: &str| serde_json::json!({ "t": { "cache-to": [cache] } });
        assert_eq!(strict(&target("type=registry,ref=a,ignore-error=true")), None);
        assert!(strict(&target("type=registry,ref=a,ignore-error=false")).is_some());
        assert!(strict(&target("type=registry,ref=ignore-error=true2")).is_some());
    }
}
