//! Rule: root images ask for a backend's health as the contract says.

use crate::{Found, Repository, Rule};
use model::manifest::Spot;
use model::template::Template;

pub(super) const RULE: Rule = Rule {
    name: "contract",
    meaning: "the health check of root images makes the call, and wants the answer, that variants.yaml names",
    source: "LocalAI's contract",
    run,
};

/// What comes before the call in the template.
const ASKS: &str = "\"/entry\", \"health\", ";

fn run(repository: &Repository<'_>, found: &mut Found) {
    let Some(manifests) = repository.model() else { return };
    let contract = &manifests.contract;
    let wanted = format!("{ASKS}{:?}, {:?}]", contract.health_call(), contract.ready);
    let path = Template::Root.path();
    let Some(text) = repository.files.get(&path) else { return };
    for (index, line) in text.lines().enumerate() {
        let Some(column) = line.find(ASKS).filter(|_| !line.contains(&wanted)) else { continue };
        let spot = Spot { line: index + 1, column: column + 1, length: line.len() - column };
        found.add(&path, spot, "this is not the contract's call for health", format!("write `{wanted}`"));
    }
}
