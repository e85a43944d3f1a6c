//! The contract of all backends: what units are built with of it.

use super::addition::{Addition, additions, outermost, reached};
use super::frame::adds_declarations_only;
use super::symbols::{Symbols, without};
use std::collections::BTreeMap;

/// The contract of all backends.
pub const CONTRACT: &str = "backend/backend.proto";

/// What the contract was when last all that is built with it was built anew.
pub const BASELINE: &str = "backend/baseline.proto";

/// A contract that adds to its baseline.
///
/// What is built with the baseline serves every call of the longer contract as it would do built with that, as long as its
/// sources name none of the additions: on the wire they are fields that it does not know, which it skips, and calls that it
/// does not have, which it refuses; both happens as well where nobody has written code for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    baseline: String,
    text: String,
    additions: BTreeMap<String, Addition>,
}

impl Contract {
    /// None if the contract changes what its baseline says: then it counts as it is.
    pub fn of(baseline: &str, text: &str) -> Option<Self> {
        let additions = if baseline == text {
            BTreeMap::new()
        } else {
            adds_declarations_only(baseline, text).then(|| additions(baseline, text))?
        };
        Some(Self { baseline: baseline.to_owned(), text: text.to_owned(), additions })
    }

    /// Whether there is something that sources might name.
    pub fn adds(&self) -> bool {
        !self.additions.is_empty()
    }

    /// What a unit is built with that is made of these texts beside it: the baseline as it is, or with the additions that
    /// they name, and with what those are made of.
    pub fn for_sources<'s>(&self, sources: impl Iterator<Item = &'s str>) -> String {
        let reached = reached(&self.additions, sources);
        if reached.is_empty() {
            return self.baseline.clone();
        }
        let known = Symbols::of(&self.baseline);
        without(&self.text, |containers, key, words| {
            // An addition may be made of what other files declare.
            words.starts_with("import ")
                || known.has(containers, key)
                || outermost(&known, containers, key).is_some_and(|place| reached.contains_key(&*place))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::is_additive;
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

    fn held(text: &str, source: &str) -> String {
        Contract::of(BASELINE, text).unwrap_or_else(|| panic!("{text}")).for_sources([source].into_iter())
    }

    #[test]
    fn additions_that_nobody_names_reach_nobody() {
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
            let source = "reply->message(), reply.kind, KIND_SOME, Health, Empty, a";
            assert_eq!(held(&text, source), BASELINE, "{text}");
        }
    }

    #[test]
    fn an_addition_that_is_named_is_there_with_what_it_is_made_of_and_no_other() {
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
        for (text, source, from, to) in cases {
            let other = text.replacen(from, to, 1);
            let [one, another] = [held(&text, source), held(&other, source)];
            assert_ne!(one, BASELINE, "{text}");
            assert_ne!(one, another, "an addition that changed: {text}");
            // All of it is there, whatever is told otherwise.
            assert!(is_additive(BASELINE, &one) && is_additive(&one, &text), "{one}");
            let more = text.replacen("message Empty", "/* New. */ message Unheard {}\nmessage Empty", 1);
            assert_eq!(held(&more, source), one, "another that is not named: {more}");
            assert_eq!([held(&text, "nothing"), held(&other, "nothing")], [BASELINE, BASELINE]);
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
