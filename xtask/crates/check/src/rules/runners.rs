//! Rule: jobs run on machines that the CI hosts, never on somebody's own.

use crate::read::workflow::entries;
use crate::{Found, Repository, Rule};
use plan::manifest::VARIANTS;
use plan::suggest;

pub(super) const RULE: Rule = Rule {
    name: "runners",
    meaning: "workflows, bases and our own matrix rows name hosted runners only",
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
    for (file, text) in repository.below(".github", &[".yml", ".yaml"]) {
        let entries = entries(text);
        for (index, entry) in entries.iter().enumerate() {
            let names_runner = entry.name == "runs-on" || entry.name == "runner";
            // The input of a reusable workflow says what it is, not which.
            let is_input = entries.get(index + 1).is_some_and(|next| {
                next.indent > entry.indent
                    && ["default", "description", "required", "type"].contains(&next.name)
            });
            if !names_runner || (entry.value.is_empty() && is_input) {
                continue;
            }
            // What an expression yields stands in the matrix, whose rows are looked at themselves.
            if !entry.value.starts_with("${{") && !HOSTED.contains(&entry.value) {
                found.add(file, entry.spot, unknown(entry.value), advice(entry.value));
            }
        }
    }
    let bases = repository.model().into_iter().flat_map(|manifests| manifests.bases.values());
    for base in bases.filter(|base| !HOSTED.contains(&base.runner.as_str())) {
        let spot = repository.value(VARIANTS.into(), &["bases", base.name.as_str(), "runner"]);
        found.add(VARIANTS.into(), spot, unknown(&base.runner), advice(&base.runner));
    }
}

fn unknown(runner: &str) -> String {
    match runner {
        "" => "a list of labels is for runners of one's own, expected one hosted runner".to_owned(),
        other => format!("`{other}` is no hosted runner"),
    }
}

fn advice(runner: &str) -> String {
    format!("use one of {}{}", HOSTED.join(", "), suggest::hint(runner, HOSTED))
}
