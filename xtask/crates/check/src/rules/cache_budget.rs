//! Rule: what jobs on Macs keep in GitHub's caches fits there.

use crate::{Found, Repository, Rule};
use ci::cache::Budget;
use model::manifest::BACKEND;

pub(super) const RULE: Rule = Rule {
    name: "cache-budget",
    meaning: "the caches of all jobs for macOS come to no more than the 10 GiB that GitHub keeps of a repository",
    source: "Darwin native caches",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    let Some(manifests) = repository.model() else { return };
    let Some(backend) = Budget::first_beyond(manifests) else { return };
    let budget = Budget::of(manifests);
    let kinds: Vec<String> = budget.mib.iter().map(|(kind, mib)| format!("{kind} {mib}")).collect();
    let message = format!(
        "with {} the caches of all jobs for macOS come to {} MiB of {} ({})",
        backend.name,
        budget.total_mib(),
        Budget::limit_mib(),
        kinds.join(", ")
    );
    let file = backend.dir.join(BACKEND);
    let help = "GitHub drops what was not used for the longest time, so that every job finds others' caches: publish \
                fewer backends for macOS, or give ccache less room there";
    found.add(&file, repository.value(&file, &["variants"]), message, help);
}
