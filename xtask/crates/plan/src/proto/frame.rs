//! What an edit of a `.proto` file must leave alone as a whole, lest code that never reads the additions changes too.

use super::is_additive;
use super::scan::{Piece, pieces};
use std::collections::BTreeSet;

/// Whether an edit adds declarations and nothing that bears on those which were there: syntax, package and options of
/// the file are the same, and no field is required that was not.
///
/// Stricter than [`is_additive`], by which a new `package` is an addition. Where options hold values in braces, which
/// are not looked into, nothing is held to be proven.
pub fn adds_declarations_only(previous: &str, current: &str) -> bool {
    let frames = (frame(previous), frame(current));
    matches!(frames, (Some(before), Some(after)) if before == after) && is_additive(previous, current)
}

fn frame(text: &str) -> Option<BTreeSet<String>> {
    let (mut depth, mut frame) = (0_usize, BTreeSet::new());
    for piece in pieces(text) {
        match piece {
            Piece::Open(header) if header.ends_with(['=', ':']) => return None,
            Piece::Open(_) => depth += 1,
            Piece::Close => depth = depth.saturating_sub(1),
            Piece::Statement(text) => {
                let of_the_file = depth == 0 && !text.is_empty() && !text.starts_with("import ");
                if of_the_file || text.starts_with("required ") {
                    frame.insert(text);
                }
            }
        }
    }
    Some(frame)
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
        assert!(!adds_declarations_only(&BEFORE.replace("package a;\n", ""), BEFORE));
        assert!(!adds_declarations_only(BEFORE, &BEFORE.replace("x = 1", "x = 2")));
    }
}
