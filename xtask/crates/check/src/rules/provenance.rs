//! Rule: what is pushed by digest carries no provenance.

use crate::read::spots;
use crate::read::workflow::{entries, step};
use crate::{Found, Repository, Rule};
use serde_json::Value;

pub(super) const RULE: Rule = Rule {
    name: "provenance",
    meaning: "a push by digest carries no provenance: with one its digest would differ between registries",
    source: "cache pipeline 5",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    for drawn in repository.drawn() {
        if is_attested(&drawn.writing) || is_attested(&drawn.reading) {
            let way: Vec<&str> = drawn.way.iter().map(String::as_str).collect();
            let message = format!("{} is pushed by digest with a provenance", drawn.name);
            let help = "give its target `Attest::NONE`";
            found.add(&drawn.file, repository.key(&drawn.file, &way), message, help);
        }
    }
    for (file, text) in repository.below(".github", &[".yml", ".yaml"]) {
        let entries = entries(text);
        for (number, line) in spots::numbered(text) {
            if !line.contains("push-by-digest=true") || line.trim_start().starts_with('#') {
                continue;
            }
            let at = entries.iter().rposition(|entry| entry.spot.line <= number);
            let off =
                |index| step(&entries, index).iter().any(|e| e.name == "provenance" && e.value == "false");
            if !at.is_some_and(off) {
                let message = "a push by digest without `provenance: false`";
                let help = "add `provenance: false`, or let `cargo xtask build-backend --push` push";
                found.add(file, spots::of(number, line, "push-by-digest=true"), message, help);
            }
        }
    }
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
