//! What an edit of a `.proto` file must leave alone as a whole, lest code that never reads the additions changes too.

use super::addition::{identifiers, type_name};
use super::is_additive;
use super::symbols::{Symbols, declarations};
use std::collections::BTreeSet;

/// Whether an edit adds declarations and nothing that bears on those which were there: syntax, package and options are
/// the same, no field is required that was not, and no new type has a name that was spoken of, which might mean the new
/// one from now on.
///
/// Stricter than [`is_additive`], by which a new `package` is an addition. Where options hold values in braces, which
/// are not looked into, or messages are extended from outside, nothing is held to be proven.
pub fn adds_declarations_only(previous: &str, current: &str) -> bool {
    let frames = (frame(previous), frame(current));
    matches!(frames, (Some(before), Some(after)) if before == after)
        && is_additive(previous, current)
        && !captures_names(previous, current)
}

fn frame(text: &str) -> Option<BTreeSet<String>> {
    let mut frame = BTreeSet::new();
    for one in declarations(text) {
        if one.holds && (one.key.ends_with(['=', ':']) || one.key.starts_with("extend ")) {
            return None;
        }
        let of_the_file = one.containers.is_empty() && !one.holds && !one.text.starts_with("import ");
        if of_the_file || one.text.starts_with("required ") || one.text.starts_with("option ") {
            frame.insert(format!("{} {}", one.place(), one.text));
        }
    }
    Some(frame)
}

/// Whether a new type is called what something that was there calls another: names are looked up from the inside.
fn captures_names(previous: &str, current: &str) -> bool {
    let known = Symbols::of(previous);
    let before = declarations(previous);
    let spoken: BTreeSet<&str> = before.iter().flat_map(|one| identifiers(&one.text)).collect();
    declarations(current)
        .iter()
        .filter(|one| !known.has(&one.containers, &one.key))
        .any(|one| type_name(one).is_some_and(|name| spoken.contains(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "syntax = \"proto3\";\npackage a;\nmessage M { string x = 1; }\n";

    fn with(added: &str) -> bool {
        adds_declarations_only(BEFORE, &format!("{BEFORE}{added}\n"))
    }

    #[test]
    fn declarations_and_comments_are_additions() {
        assert!(with("// A comment; with a semicolon."));
        assert!(with("message N { string y = 1; oneof z { int32 a = 2; } }"));
        assert!(with("import \"other.proto\";"));
        assert!(adds_declarations_only(BEFORE, &BEFORE.replace("x = 1;", "x = 1;\n  string y = 2;")));
        assert!(adds_declarations_only(BEFORE, &BEFORE.replace('\n', "\r\n")));
    }

    #[test]
    fn what_bears_on_the_rest_is_none() {
        assert!(
            is_additive(BEFORE, &format!("{BEFORE}option go_package = \"b\";")),
            "to the reference it is"
        );
        assert!(!with("option go_package = \"b\";"));
        assert!(!with("option (x) = { a: 1 };"), "not looked into");
        assert!(!with("message N { required string y = 1; }"));
        let in_message = |added| adds_declarations_only(BEFORE, &BEFORE.replace("M {", added));
        assert!(!in_message("M { option deprecated = true;"));
        assert!(!in_message("M { message M { int32 z = 1; }"), "from now on another `M`");
        assert!(in_message("M { message other { int32 z = 1; }"));
        assert!(!adds_declarations_only(&BEFORE.replace("package a;\n", ""), BEFORE));
        assert!(!adds_declarations_only(BEFORE, &BEFORE.replace("x = 1", "x = 2")));
    }
}
