//! Rule: a pull request runs without secrets and without rights to write.

use crate::read::spots;
use crate::read::workflow::{entries, is_for_pull_requests};
use crate::{Found, Repository, Rule};

pub(super) const RULE: Rule = Rule {
    name: "pull-requests",
    meaning: "a workflow of pull requests gets no secret and no right to write, by credential and not by an `if`",
    source: "issue: pull requests are read-only",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    for (file, text) in repository.below(".github", &[".yml", ".yaml"]) {
        let entries = entries(text);
        for entry in entries.iter().filter(|entry| entry.name == "pull_request_target") {
            let message = "`pull_request_target` runs a pull request with the rights of this repository";
            found.add(file, entry.spot, message, "use `pull_request`");
        }
        if !is_for_pull_requests(&entries) {
            continue;
        }
        for entry in entries.iter().filter(|entry| entry.value == "write" || entry.value == "write-all") {
            let message = format!("a workflow of pull requests has `{}: {}`", entry.name, entry.value);
            found.add(file, entry.spot, message, "leave rights to write to the workflows of pushes");
        }
        for entry in entries.iter().filter(|entry| entry.name == "secrets") {
            let message = "a workflow of pull requests hands on secrets";
            found.add(file, entry.spot, message, "leave them to the workflows of pushes");
        }
        for (number, line) in spots::numbered(text) {
            if line.contains("secrets.") && !line.trim_start().starts_with('#') {
                let message = "a workflow of pull requests reads a secret";
                let help = "leave it to the workflows of pushes; `github.token` reads this repository";
                found.add(file, spots::of(number, line, "secrets."), message, help);
            }
        }
    }
}
