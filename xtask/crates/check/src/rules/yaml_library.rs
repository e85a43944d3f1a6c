//! Rule: the YAML library, which nobody maintains any more, is named in one file.

use crate::read::spots;
use crate::{Found, Repository, Rule};

pub(super) const RULE: Rule = Rule {
    name: "yaml-library",
    meaning: "one file alone names the archived YAML library, so that leaving it is one line",
    source: "docs/architecture.md, \"Why it is so\"",
    run,
};

const HOME: &str = "xtask/crates/plan/src/manifest/raw.rs";

fn run(repository: &Repository<'_>, found: &mut Found) {
    // Put together here, so that this file does not name it.
    let library = ["serde", "yaml"].join("_");
    let reserved = "xtask/crates/check/src/rules/arrows.rs";
    for (file, text) in repository.below("", &[".rs"]) {
        if file == HOME || file == reserved {
            continue;
        }
        for (number, line) in spots::numbered(text).filter(|(_, line)| line.contains(&library)) {
            let message = format!("{library} is for {HOME} alone");
            found.add(file, spots::of(number, line, &library), message, "call what plan::manifest offers");
        }
    }
}
