//! Rule: a registry that fails does not fail a build.

use super::flows::{self, code};
use crate::read::expression::words;
use crate::{Found, Repository, Rule};
use serde_json::Value;

pub(super) const RULE: Rule = Rule {
    name: "ignore-error",
    meaning: "every `cache-to` has `ignore-error=true`",
    source: "cache pipeline 4",
    run,
};

const TO: &str = "cache-to";
const SWITCH: &str = "ignore-error=true";

fn run(repository: &Repository<'_>, found: &mut Found) {
    for rendered in repository.rendered() {
        if let Some(cache) = strict(&rendered.writing) {
            let way: Vec<&str> = rendered.way.iter().map(String::as_str).collect();
            let message =
                format!("{} writes its cache with `{cache}`, expected `{SWITCH}` in it", rendered.name);
            let help = "see `CacheTo` in xtask/crates/plan/src/lower/bake/cache.rs";
            found.add(&rendered.file, repository.key(&rendered.file, &way), message, help);
        }
    }
    flows::each(repository, found, |file, flow, items, found| {
        for item in items {
            let Some(text) = item.text else { continue };
            let is_value = item.name() == TO;
            let caches = if is_value { values(text) } else { mentioned(&code(text)) };
            if caches.iter().any(|cache| !is_lenient(cache)) {
                let spot = if is_value { item.key } else { flow.word(item, TO) };
                let message = format!("`{TO}` without `{SWITCH}`: a registry's hiccup would fail the build");
                let help = format!("add `,{SWITCH}`, or let `cargo xtask build-backend` write the cache");
                found.add(file, spot, message, help);
            }
        }
    });
}

/// The caches that stand under `cache-to`: one a line, or the texts of an expression, of which some is a cache.
fn values(text: &str) -> Vec<String> {
    let joined = joined(text);
    let lines = joined.lines().map(str::trim).filter(|line| !line.is_empty());
    let of = |line: &str| {
        if !line.contains("${{") {
            return vec![line.to_owned()];
        }
        let texts: Vec<String> =
            words(line, false).texts.into_iter().filter(|text| text.contains('=')).collect();
        // One that an expression brings from elsewhere is not known to be lenient.
        if texts.is_empty() { vec![line.to_owned()] } else { texts }
    };
    lines.flat_map(of).collect()
}

/// The caches that are spoken of in a script, a setting or an expression.
fn mentioned(text: &str) -> Vec<String> {
    let joined = joined(text);
    let after = joined
        .match_indices(TO)
        .map(|(at, _)| joined[at + TO.len()..].trim_start_matches(['=', ' ', '"', '\'']));
    let end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
    after.map(|rest| rest.split(end).next().unwrap_or_default().to_owned()).collect()
}

/// With what was folded after a comma on one line.
fn joined(text: &str) -> String {
    let mut joined = String::new();
    for part in text.split_inclusive(',') {
        joined.push_str(if joined.ends_with(',') { part.trim_start() } else { part });
    }
    joined
}

/// Whether a failure is told and forgotten. What goes along with the image cannot fail by itself.
fn is_lenient(cache: &str) -> bool {
    let mut parts = cache.split(',').map(str::trim);
    let told = |part: &str| part.starts_with("ignore-error=");
    let is_inline = parts.clone().any(|part| part == "type=inline");
    is_inline || (parts.clone().any(|part| part == SWITCH) && parts.all(|part| !told(part) || part == SWITCH))
}

/// The first cache that a failure would fail the build with.
fn strict(targets: &Value) -> Option<String> {
    let targets = targets.as_object()?.values();
    let caches = targets.flat_map(|target| target["cache-to"].as_array().into_iter().flatten());
    caches.filter_map(Value::as_str).find(|cache| !is_lenient(cache)).map(str::to_owned)
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

    #[test]
    fn caches_are_found_however_they_are_written() {
        let is_lenient = |text: &str| values(text).iter().all(|cache| is_lenient(cache));
        for lenient in [
            "type=registry,ref=a,ignore-error=true",
            "type=registry,ref=a,\n  ignore-error=true",
            "type=registry, ref=a, ignore-error=true\ntype=inline",
            "${{ a && 'type=gha,ignore-error=true' || '' }}",
            "",
        ] {
            assert!(is_lenient(lenient), "{lenient}");
        }
        for strict in [
            "type=registry,ref=a",
            "a/b:cache",
            "type=gha,ignore-error=true\ntype=registry,ref=a",
            "type=gha,ignore-error=true,ignore-error=false",
            "${{ inputs.cache }}",
            "${{ a && 'type=gha' || 'type=gha,ignore-error=true' }}",
        ] {
            assert!(!is_lenient(strict), "{strict}");
        }
        let script = "x --cache-to type=a,b=c --cache-to='type=d' \\\n *.cache-to=type=e,\n  f=g";
        assert_eq!(mentioned(script), ["type=a,b=c", "type=d", "type=e,f=g"]);
    }
}
