//! Which edits of a `.proto` file are additive.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use plan::proto::{Symbols, is_additive};
use proptest::prelude::*;

const BASE: &str = r#"syntax = "proto3";
package backend;
option go_package = "github.com/x//y;z";
service Backend {
  rpc Health(HealthMessage) returns (Reply) {}
  rpc Predict(PredictOptions) returns (stream Reply);
}
message Reply {
  bytes message = 1; // words
  reserved 4, 5;
  map<string, string> labels = 6;
  oneof kind { int32 a = 7; int32 b = 8; }
}
enum Kind { NONE = 0; SOME = 1; }
"#;

fn edited(from: &str, to: &str) -> bool {
    assert!(BASE.contains(from), "{from}");
    is_additive(BASE, &BASE.replacen(from, to, 1))
}

#[test]
fn additions_comments_and_layout_are_additive() {
    assert!(edited("bytes message = 1;", "bytes message = 1; string more = 9;"));
    assert!(edited("enum Kind", "message New { int32 x = 1; }\nenum Kind"));
    assert!(edited("// words", "/* other { words; */"));
    assert!(edited("bytes message = 1;", "bytes\u{a0}message \u{2028}=\n\t1;"));
    assert!(edited("SOME = 1;", "SOME = 1; MORE = 2;"));
    assert!(edited("reserved 4, 5;", "reserved 4, 5; reserved 10;"));
    assert!(edited("(Reply) {}", "(Reply) { option deprecated = true; }"));
    assert!(edited("bytes message = 1; // words\n  reserved 4, 5;", "reserved 4, 5; bytes message = 1;"));
    assert!(edited("package backend;", "package backend;;"));
    assert!(is_additive("\u{feff}syntax = 'x';", "syntax = 'x';"));
}

#[test]
fn everything_else_is_breaking() {
    assert!(!edited("message = 1", "message = 2"));
    assert!(!edited("bytes message", "string message"));
    assert!(!edited("bytes message", "bytes renamed"));
    assert!(!edited("message = 1;", "message = 1 [deprecated = true];"));
    assert!(!edited("map<string, string>", "map<string,string>"));
    assert!(!edited("\"proto3\"", "'proto3'"));
    assert!(!edited("reserved 4, 5;", "reserved 4, 5, 6;"));
    assert!(!edited("int32 b = 8; }", "} int32 b = 8;"));
    assert!(!edited("(HealthMessage) returns (Reply)", "(HealthMessage) returns (stream Reply)"));
    assert!(!edited("(stream Reply);", "(stream Reply) {}"));
    assert!(!edited("package backend", "package other"));
    assert!(!edited("x//y;z", "x//y;w"));
    assert!(!edited("bytes message = 1;", "bytes\u{85}message = 1;"));
    assert!(!edited("bytes message = 1;", "/* bytes message = 1;"));
    assert!(!is_additive(BASE, ""));
    assert!(is_additive("", BASE));
}

#[test]
fn escapes_and_open_ends_are_read_like_the_reference_reads_them() {
    assert_eq!(Symbols::of(r#"a = "x\";y"; b = 1;"#), Symbols::of(r#"b = 1; a = "x\";y";"#));
    assert_eq!(Symbols::of("a = 1; /* open ; b = 2;"), Symbols::of("a = 1;"));
    assert_eq!(Symbols::of("a = 1; b = \"open ; c = 2;"), Symbols::of("a = 1;"));
    assert_eq!(Symbols::of("a = 1; /*/ b = 2; */ c = 3;"), Symbols::of("c = 3; a = 1;"));
    // Later ones replace earlier ones; ends too many do nothing.
    assert_eq!(Symbols::of("} a = 1; x a = 2;"), Symbols::of("x a = 2;"));
    assert_eq!(Symbols::of("= 1;"), Symbols::of(" =  1 ; "));
}

proptest! {
    #[test]
    fn a_text_adds_to_itself_and_to_its_beginning(text in "[a-z{};= \"'/*\\\\\n]{0,80}", more in "[a-z]{1,5} = [0-9]{1,2};") {
        prop_assert!(is_additive(&text, &text));
        let _ = is_additive(&text, &more);
        prop_assert!(is_additive("", &text));
    }
}
