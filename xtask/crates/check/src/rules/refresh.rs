//! Rule: what a unit finds on the network while it is built is renewed, or named by a lock.

use super::manifests::{is_input, places};
use crate::rendered::unmeasured;
use crate::{Found, Repository, Rule};
use model::backend::Recipe;
use model::manifest::{BACKEND, VARIANTS};
use plan::Plan;
use plan::key::document;

pub(super) const RULE: Rule = Rule {
    name: "refresh",
    meaning: "the key of every unit that floats holds the refresh bucket, and that of every other Python unit the digest of its lock",
    source: "cache pipeline 1",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    let Some(manifests) = repository.model() else { return };
    for backend in manifests.backends.values() {
        let Recipe::Python(python) = &backend.recipe else { continue };
        for (way, requirements) in places(python) {
            let Some(lock) = &requirements.lock else { continue };
            let lock = backend.dir.join(lock);
            if is_input(backend, lock.as_str()) {
                continue;
            }
            let file = backend.dir.join(BACKEND);
            let spot = repository.value(&file, &[way.as_slice(), &["lock"]].concat());
            let message = format!("{lock} is no input, so that a new lock changes no key");
            found.add(&file, spot, message, format!("add `{lock}` to inputs.include, or stop excluding it"));
        }
    }
    let plans = repository.rendered().iter().filter_map(|rendered| rendered.unit.as_ref()?.as_ref().ok());
    let frozen = plans.filter(|plan| {
        let recipe = manifests.backends.get(&plan.unit.backend).map(|backend| &backend.recipe);
        recipe.is_some_and(|recipe| recipe.floats_in(&plan.unit.variant) && is_frozen(plan))
    });
    let names: Vec<String> = frozen.map(|plan| plan.unit.to_string()).collect();
    if let Some(first) = names.first() {
        let more = if names.len() > 1 { format!(" and {} more", names.len() - 1) } else { String::new() };
        let message = format!(
            "{first}{more} would keep the packages of the day that it was first cached: its requirements float and its \
             key has no refresh bucket"
        );
        let help = "write `refresh: iso-week`, or give the backend a `lock`";
        found.add(VARIANTS.into(), repository.value(VARIANTS.into(), &["refresh"]), message, help);
    }
}

/// Whether nothing in the key renews what the unit resolves.
fn is_frozen(plan: &Plan) -> bool {
    let measured = unmeasured();
    let bucket =
        serde_json::to_value(document(plan, &measured)).map(|document| document["refresh"].is_string());
    !bucket.unwrap_or_default()
}
