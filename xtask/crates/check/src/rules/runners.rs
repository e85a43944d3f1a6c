//! Rule: bases are built on machines that the CI hosts, never on somebody's own.

use crate::{Found, Repository, Rule};
use model::manifest::VARIANTS;
use model::text::suggest;

pub(super) const RULE: Rule = Rule {
    name: "runners",
    meaning: "bases, and so our own matrix rows, name hosted runners only",
    source: "self-hosted runners",
    run,
};

/// What GitHub hosts for everybody.
const HOSTED: [&str; 10] = [
    "macos-13",
    "macos-14",
    "macos-15",
    "macos-15-intel",
    "macos-latest",
    "ubuntu-22.04",
    "ubuntu-22.04-arm",
    "ubuntu-24.04",
    "ubuntu-24.04-arm",
    "ubuntu-latest",
];

fn run(repository: &Repository<'_>, found: &mut Found) {
    let bases = repository.model().into_iter().flat_map(|manifests| manifests.bases.values());
    for base in bases.filter(|base| !HOSTED.contains(&base.runner.as_str())) {
        let spot = repository.value(VARIANTS.into(), &["bases", base.name.as_str(), "runner"]);
        let help = format!("use one of {}{}", HOSTED.join(", "), suggest::hint(&base.runner, HOSTED));
        found.add(VARIANTS.into(), spot, format!("`{}` is no hosted runner", base.runner), help);
    }
}
