//! The contract of all backends: what keys hold of it.

use super::addition::{Addition, additions, reached};
use super::frame::adds_declarations_only;
use std::collections::BTreeMap;

/// The contract of all backends.
pub const CONTRACT: &str = "backend/backend.proto";

/// What the contract was when last all that is built with it was built anew.
pub const BASELINE: &str = "backend/baseline.proto";

/// A contract that adds to its baseline.
///
/// What was built with the baseline serves every call of the longer contract as it would have done after another build,
/// as long as its sources name none of the additions: on the wire they are fields that it does not know, which it skips,
/// and calls that it does not have, which it refuses; both happens as well where nobody has written code for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    baseline: String,
    additions: BTreeMap<String, Addition>,
}

impl Contract {
    /// None if the contract changes what its baseline says: then it counts as it is.
    pub fn of(baseline: &str, text: &str) -> Option<Self> {
        if baseline == text {
            return Some(Self { baseline: digest(baseline), additions: BTreeMap::new() });
        }
        adds_declarations_only(baseline, text)
            .then(|| Self { baseline: digest(baseline), additions: additions(baseline, text) })
    }

    /// Whether there is something that sources might name.
    pub fn adds(&self) -> bool {
        !self.additions.is_empty()
    }

    /// What keys hold of the contract for a unit that is made of these texts beside it: the baseline, and the additions
    /// that they name, with what those are made of.
    pub fn for_sources<'s>(&self, sources: impl Iterator<Item = &'s str>) -> String {
        let reached = reached(&self.additions, sources);
        if reached.is_empty() {
            return self.baseline.clone();
        }
        let text: Vec<&str> = reached.values().flat_map(|one| one.text()).collect();
        let places: Vec<&str> = reached.keys().map(|place| place.trim_start_matches('|')).collect();
        format!("{} with {}: {}", self.baseline, places.join(", "), digest(&text.join("\n")))
    }
}

fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASELINE: &str = r#"syntax = "proto3";
package backend;
service Backend { rpc Health(Empty) returns (Reply); }
message Empty {}
message Reply { bytes message = 1; Kind kind = 2; oneof way { int32 a = 3; } }
enum Kind { KIND_NONE = 0; KIND_SOME = 1; }
"#;

    /// The baseline with something behind each of these texts.
    fn with(edits: &[(&str, &str)]) -> String {
        edits.iter().fold(BASELINE.to_owned(), |text, (after, added)| {
            assert!(text.contains(after), "{after}");
            text.replacen(after, &format!("{after} {added}"), 1)
        })
    }

    fn held(text: &str, source: &str) -> Option<String> {
        Some(Contract::of(BASELINE, text)?.for_sources([source].into_iter()))
    }

    #[test]
    fn additions_that_nobody_names_are_not_in_keys() {
        let bare = held(BASELINE, "").unwrap();
        for text in [
            with(&[("message = 1;", "string extra_tag = 9;")]),
            with(&[("returns (Reply);", "rpc Other(Empty) returns (stream Reply) {}")]),
            with(&[("KIND_SOME = 1;", "KIND_OTHER = 2;")]),
            with(&[("int32 a = 3;", "int32 other = 4;")]),
            with(&[("message = 1;", "reserved 30 to 40;"), ("message Empty {", "/* new; */")]),
            with(&[(
                "returns (Reply); }",
                "message Other { Empty a = 1; message Kinds { int32 message = 1; } }",
            )]),
            with(&[("message Empty {", "oneof other { int32 one = 1; int32 two = 2; }")]),
        ] {
            assert_eq!(
                held(&text, "reply->message(), reply.kind, KIND_SOME, Health, Empty, a").as_ref(),
                Some(&bare),
                "{text}"
            );
        }
    }

    #[test]
    fn an_addition_that_is_named_is_in_the_key_with_what_it_is_made_of() {
        let cases = [
            (with(&[("message = 1;", "string extra_tag = 9;")]), "reply.set_extra_tag(x)", "= 9", "= 10"),
            (
                with(&[("(Reply);", "rpc Other(Empty) returns (Reply);")]),
                "fn other(&self)",
                "Other(Empty)",
                "Other(Reply)",
            ),
            (with(&[("KIND_SOME = 1;", "KIND_OTHER = 2;")]), "Kind::Other", "OTHER = 2", "OTHER = 3"),
            (
                with(&[("message Empty {", "oneof other { int32 one = 1; }")]),
                "empty.one",
                "one = 1",
                "one = 2",
            ),
            (
                with(&[("message Empty {", "enum Way { LONG = 0; }")]),
                "Empty.LONG",
                "LONG = 0",
                "LONG = 0; SHORT = 1",
            ),
            (
                with(&[
                    ("message = 1;", "More more = 9;"),
                    ("(Reply); }", "message More { Most most = 1; } message Most { int32 n = 1; }"),
                ]),
                "reply.GetMore()",
                "int32 n = 1",
                "int64 n = 1",
            ),
        ];
        let bare = held(BASELINE, "").unwrap();
        for (text, source, from, to) in cases {
            let other = text.replacen(from, to, 1);
            let [one, another] = [held(&text, source).unwrap(), held(&other, source).unwrap()];
            assert_ne!(one, bare, "{text}");
            assert_ne!(one, another, "an addition that changed: {text}");
            let more = text.replacen("message Empty", "message Unheard {} message Empty", 1);
            assert_eq!(held(&more, source), Some(one), "another that is not named: {more}");
            assert_eq!(
                [held(&text, "nothing"), held(&other, "nothing")],
                [Some(bare.clone()), Some(bare.clone())]
            );
        }
    }

    #[test]
    fn what_is_no_addition_is_held_as_it_is() {
        for text in [
            BASELINE.replace("message = 1", "message = 7"),
            BASELINE.replace("KIND_SOME = 1;", ""),
            BASELINE.replace("proto3", "proto2"),
            with(&[("message Empty {", "option deprecated = true;")]),
            with(&[("(Reply); }", "option go_package = \"x\";")]),
            with(&[("(Reply); }", "extend Reply { string x = 1; }")]),
            with(&[("message Reply {", "message Kind { int32 x = 1; }")]),
        ] {
            assert_eq!(Contract::of(BASELINE, &text), None, "{text}");
        }
    }
}
