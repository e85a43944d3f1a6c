//! The files that are generated, by path.

use crate::catalog;
use crate::facts::Facts;
use crate::render;
use std::collections::BTreeMap;

/// The directories that hold generated files and nothing else.
pub const DIRECTORIES: [&str; 2] = [".github/workflows", ".github/actions"];

/// Every file, by its path from the root.
pub fn files(facts: &Facts) -> BTreeMap<String, String> {
    let workflows = catalog::workflows(facts)
        .into_iter()
        .map(|workflow| (format!("{}/{}.yml", DIRECTORIES[0], workflow.file), render::workflow(&workflow)));
    let actions = catalog::actions().into_iter().map(|action| {
        (format!("{}/{}/action.yml", DIRECTORIES[1], action.directory), render::action(&action))
    });
    workflows.chain(actions).collect()
}
