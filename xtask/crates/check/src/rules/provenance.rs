//! Rule: what is pushed by digest carries no provenance.

use super::flows::{self, code};
use crate::{Found, Repository, Rule};
use serde_json::Value;

pub(super) const RULE: Rule = Rule {
    name: "provenance",
    meaning: "a push by digest carries no provenance: with one its digest would differ between registries",
    source: "cache pipeline 5",
    run,
};

const BY_DIGEST: &str = "push-by-digest";

fn run(repository: &Repository<'_>, found: &mut Found) {
    for rendered in repository.rendered() {
        if is_attested(&rendered.writing) || is_attested(&rendered.reading) {
            let way: Vec<&str> = rendered.way.iter().map(String::as_str).collect();
            let message = format!("{} is pushed by digest with a provenance", rendered.name);
            let help = "give its target `Attest::NONE`";
            found.add(&rendered.file, repository.key(&rendered.file, &way), message, help);
        }
    }
    flows::each(repository, found, |file, flow, items, found| {
        for item in items {
            let Some(text) = item.text.map(code) else { continue };
            let off =
                || flow.of_step(item, "provenance") == Some("false") || text.contains("provenance=false");
            if is_by_digest(&text) && !off() {
                let message = "a push by digest without `provenance: false`";
                let help = "add `provenance: false`, or let `cargo xtask build-backend --push` push";
                found.add(file, flow.word(item, BY_DIGEST), message, help);
            }
        }
    });
}

/// Whether a text says to push by digest, in one of the ways to say yes.
fn is_by_digest(text: &str) -> bool {
    text.match_indices(BY_DIGEST).any(|(at, _)| {
        let rest = &text[at + BY_DIGEST.len()..];
        ["=true", "=1", "=t"].iter().any(|yes| rest.to_ascii_lowercase().starts_with(yes))
    })
}

/// Whether a target is pushed by digest and does not switch provenance off.
fn is_attested(targets: &Value) -> bool {
    let texts = |value: &Value, part: &str| {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).any(|text| text.contains(part))
    };
    targets.as_object().into_iter().flat_map(|targets| targets.values()).any(|target| {
        texts(&target["output"], "push-by-digest=true")
            && !texts(&target["attest"], "type=provenance,disabled=true")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bake files are made by types: what breaks the rule is written here by hand.
    #[test]
    fn a_push_with_a_provenance_is_found() {
        let target = |output: &str, attest: &str| {
            is_attested(&serde_json::json!({ "t": { "output": [output], "attest": [attest] } }))
        };
        assert!(target("type=image,push-by-digest=true", "type=provenance,mode=max"));
        assert!(is_attested(&serde_json::json!({ "t": { "output": ["push-by-digest=true"] } })));
        assert!(!target("type=image,push-by-digest=true", "type=provenance,disabled=true"));
        assert!(!target("type=local", "type=provenance,mode=max"));
    }
}
