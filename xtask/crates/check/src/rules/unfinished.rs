//! Rule: nothing is left to do by nobody.

use crate::read::spots;
use crate::{Found, Repository, Rule};

pub(super) const RULE: Rule = Rule {
    name: "unfinished",
    meaning: "no mark of unfinished work without an owner in parentheses",
    source: "design: layout",
    run,
};

/// The marks, in two parts each, so that this file does not hold them.
const MARKS: [[&str; 2]; 3] = [["TO", "DO"], ["FIX", "ME"], ["XX", "X"]];

fn run(repository: &Repository<'_>, found: &mut Found) {
    let marks = MARKS.map(|parts| parts.concat());
    let code = [".rs", ".py", ".go", ".cpp", ".h", ".sh", ".cmake", ".yaml", ".yml", ".toml"];
    for (file, text) in repository.below("", &code) {
        for mark in marks.iter().filter(|mark| text.contains(mark.as_str())) {
            for (number, line) in spots::numbered(text) {
                let owned = line.contains(&format!("{mark}("));
                if !owned && line.split(|c: char| !c.is_alphanumeric()).any(|word| word == mark) {
                    let help = format!("do it, open an issue, or write {mark}(name)");
                    found.add(file, spots::of(number, line, mark), format!("{mark} without an owner"), help);
                }
            }
        }
    }
}
