//! Rule: every file of Rust begins by saying what it is.

use crate::read::spots;
use crate::{Found, Repository, Rule};

pub(super) const RULE: Rule = Rule {
    name: "headers",
    meaning: "every Rust file begins with `//! ` and what it is",
    source: "design: layout",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    for (file, text) in repository.below("", &[".rs"]) {
        let first = text.lines().next().unwrap_or_default();
        if first.strip_prefix("//! ").is_none_or(|rest| rest.trim().is_empty()) {
            let message = "the first line does not say what the file is, expected `//! `";
            found.add(file, spots::whole(1, first), message, "write one or two lines");
        }
    }
}
