//! Rule: jobs run on machines that the CI hosts, never on somebody's own.

use super::flows;
use crate::read::expression::words;
use crate::read::workflow::{Flow, Item};
use crate::{Found, Repository, Rule};
use camino::Utf8Path;
use model::manifest::VARIANTS;
use model::suggest;

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
    flows::each(repository, found, |file, flow, items, found| {
        for item in items.iter().filter(|item| ["runs-on", "runner"].contains(&item.name())) {
            look(file, flow, item, found);
        }
    });
    let bases = repository.model().into_iter().flat_map(|manifests| manifests.bases.values());
    for base in bases.filter(|base| !HOSTED.contains(&base.runner.as_str())) {
        let spot = repository.value(VARIANTS.into(), &["bases", base.name.as_str(), "runner"]);
        found.add(VARIANTS.into(), spot, unknown(&base.runner), advice(&base.runner));
    }
}

fn look(file: &Utf8Path, flow: &Flow<'_>, item: &Item<'_>, found: &mut Found) {
    let is_hosted = |name: &str| HOSTED.contains(&name);
    let Some(text) = item.text else {
        // The input of a reusable workflow says what it is, not which.
        let is_input = flow.has_key(item, &["default", "description", "required", "type"]);
        let are_hosted = flow.list(item).is_some_and(|names| names.into_iter().all(is_hosted));
        if !is_input && !are_hosted {
            found.add(file, item.spot, unknown(""), advice(""));
        }
        return;
    };
    // The elements of a list have been looked at with it.
    if item.listed {
        return;
    }
    if !text.contains("${{") {
        if !is_hosted(text) {
            found.add(file, item.spot, unknown(text), advice(text));
        }
        return;
    }
    // What an expression yields stands in the matrix, by whatever name; texts within it may be compared with others.
    let words = words(text, false);
    if words.texts.iter().any(|text| text == "self-hosted") {
        found.add(file, item.spot, unknown("self-hosted"), advice(""));
    }
    for name in words.names.windows(2).filter(|names| names[0] == "matrix").map(|names| &names[1]) {
        let rows = flow.of_matrix(item, name);
        for row in rows.iter().filter(|_| !["runs-on", "runner"].contains(&name.as_str())) {
            let text = row.text.unwrap_or_default();
            if !text.contains("${{") && !is_hosted(text) {
                found.add(file, row.spot, unknown(text), advice(text));
            }
        }
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
