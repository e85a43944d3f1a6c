//! Rule: files are short enough to be read.

use crate::read::spots;
use crate::{Found, Repository, Rule};
use camino::Utf8Path;
use model::manifest::Spot;

pub(super) const RULE: Rule = Rule {
    name: "length",
    meaning: "no file of code is longer than 400 lines, and half of the Rust files are no longer than 120",
    source: "design: layout",
    run,
};

const LONGEST: usize = 400;
const MEDIAN: usize = 120;

fn run(repository: &Repository<'_>, found: &mut Found) {
    let code = [".rs", ".py", ".go", ".cpp", ".h", ".sh", ".cmake"];
    let mut lengths = Vec::new();
    for (file, text) in repository.below("", &code) {
        let lines = text.lines().count();
        if file.extension() == Some("rs") {
            lengths.push(lines);
        }
        if lines > LONGEST {
            let line = text.lines().nth(LONGEST).unwrap_or_default();
            let message = format!("{lines} lines, expected at most {LONGEST}");
            found.add(
                file,
                spots::whole(LONGEST + 1, line),
                message,
                "split it: one type or one verb a file",
            );
        }
    }
    lengths.sort_unstable();
    if let Some(median) = lengths.get(lengths.len() / 2).filter(|median| **median > MEDIAN) {
        let message =
            format!("half of the Rust files have more than {median} lines, expected at most {MEDIAN}");
        found.add(
            Utf8Path::new("Cargo.toml"),
            Spot::START,
            message,
            "split files: one type or one verb a file",
        );
    }
}
