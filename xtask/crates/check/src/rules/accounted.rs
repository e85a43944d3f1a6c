//! Rule: the key of a package that was built here names all that is in it.

use crate::{Found, Repository, Rule, Written};
use model::manifest::Spot;

pub(super) const RULE: Rule = Rule {
    name: "accounted",
    meaning: "what builds of this checkout took from the machine is in the facts of their keys",
    source: "design: keys",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    for Written { path, text } in &repository.unaccounted {
        let (message, help) = text.split_once("; ").unwrap_or((text, "say it in the manifest"));
        found.add(path, Spot::START, message, help.trim_end());
    }
}
