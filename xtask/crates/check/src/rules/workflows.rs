//! Rule: workflows are generated, and nobody edits them by hand or puts others beside them.

use super::generated::{compare, strays};
use crate::{Found, Repository, Rule};

pub(super) const RULE: Rule = Rule {
    name: "workflows",
    meaning: "workflows and composite actions are what `cargo xtask workflows` writes, and there are no others",
    source: "issue: workflows that cannot drift",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    compare(repository, &repository.workflows, "cargo xtask workflows", found);
    for dir in [".github/workflows", ".github/actions"] {
        strays(repository, dir, &repository.workflows, found);
    }
}
