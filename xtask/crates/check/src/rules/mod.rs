//! The registry of rules: one file each.

mod accounted;
mod bases;
mod cache_budget;
mod cache_writes;
mod commands;
mod conformance;
mod contract;
mod docker_files;
mod flows;
mod generated;
mod hosts;
mod ignore_error;
mod install_logic;
mod licences;
mod manifests;
mod pins;
mod provenance;
mod refresh;
mod row_legs;
mod row_platforms;
mod row_runner;
mod row_strings;
mod row_suffix;
mod runners;
mod unique_tags;
mod workflows;

pub use conformance::{conformance_test, tested_by};

use crate::{Finding, Repository, Rule};
use model::manifest::{Diagnostic, SOURCES, VARIANTS};
use std::fmt::Write as _;

/// Every rule, in the order in which they are listed.
pub(crate) const ALL: &[Rule] = &[
    refresh::RULE,
    unique_tags::RULE,
    cache_writes::RULE,
    cache_budget::RULE,
    ignore_error::RULE,
    provenance::RULE,
    install_logic::RULE,
    bases::RULE,
    row_platforms::RULE,
    row_runner::RULE,
    row_suffix::RULE,
    row_legs::RULE,
    row_strings::RULE,
    manifests::RULE,
    accounted::RULE,
    pins::RULE,
    licences::RULE,
    conformance::RULE,
    docker_files::RULE,
    contract::RULE,
    generated::RULE,
    workflows::RULE,
    runners::RULE,
    commands::RULE,
    hosts::RULE,
];

/// A mistake in a manifest, under the name of the rule that it is about.
pub(crate) fn of_diagnostic(repository: &Repository<'_>, diagnostic: &Diagnostic) -> Finding {
    let Diagnostic { file, line, column, length, message, help, .. } = diagnostic.clone();
    let text = repository.files.get(&file).map(String::as_str).unwrap_or_default();
    // The section of a file is its last key that is not indented.
    let section =
        text.lines().take(line).filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase())).last();
    let rule = match section.and_then(|line| line.split(':').next()) {
        Some("bases" | "consumers") if file == VARIANTS => bases::RULE.name,
        Some("sources") if file == SOURCES => pins::RULE.name,
        _ => manifests::RULE.name,
    };
    let help = help.unwrap_or_else(|| format!("mend {file}; docs/schemas says what may stand in it"));
    Finding { file, line, column, length, rule, message, help }
}

/// The page of all rules.
pub(crate) fn page() -> String {
    let mut page = "# Rules\n\n\
        What `cargo xtask check` looks at. Every finding has a file, a line, a column, what was expected and what to do\n\
        next; the exit code is 0, or 4 if there is one. This page is written by `cargo xtask generate`.\n\n\
        ```sh\n\
        cargo xtask check\n\
        cargo xtask check --rule refresh --json\n\
        cargo xtask check --matrix-file .github/backend-matrix.yml\n\
        ```\n\n\
        | rule | what it demands | from |\n|---|---|---|\n"
        .to_owned();
    for Rule { name, meaning, source, .. } in ALL {
        // Writing to a string does not fail.
        let _ = writeln!(page, "| `{name}` | {meaning} | {source} |");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_and_are_words_of_a_command_line() {
        for (index, rule) in ALL.iter().enumerate() {
            assert!(rule.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.name);
            assert!(ALL[..index].iter().all(|other| other.name != rule.name), "{}", rule.name);
            assert!(!rule.meaning.is_empty() && !rule.source.is_empty() && !rule.meaning.contains('|'));
        }
    }
}
