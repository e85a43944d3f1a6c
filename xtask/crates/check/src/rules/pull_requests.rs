//! Rule: a pull request runs without secrets and without rights to write.

use super::flows;
use crate::read::expression::words;
use crate::{Found, Repository, Rule};

pub(super) const RULE: Rule = Rule {
    name: "pull-requests",
    meaning: "a workflow of pull requests gets no secret and no right to write, by credential and not by an `if`",
    source: "issue: pull requests are read-only",
    run,
};

const TARGET: &str = "pull_request_target";

fn run(repository: &Repository<'_>, found: &mut Found) {
    flows::each(repository, found, |file, flow, items, found| {
        let target = items.iter().filter(|item| item.keys.first() == Some(&"on"));
        for item in target {
            let spot = match item.keys[..] {
                ["on", TARGET] => item.key,
                ["on"] if item.text == Some(TARGET) => item.spot,
                _ => continue,
            };
            let message = "`pull_request_target` runs a pull request with the rights of this repository";
            found.add(file, spot, message, "use `pull_request`");
        }
        if !flow.is_for_pull_requests() {
            return;
        }
        for item in items {
            let name = item.name();
            if let (true, Some(right @ ("write" | "write-all"))) =
                (item.keys.contains(&"permissions"), item.text)
            {
                let message = format!("a workflow of pull requests has `{name}: {right}`");
                found.add(file, item.spot, message, "leave rights to write to the workflows of pushes");
            }
            if let ["jobs", _, "secrets"] = item.keys[..] {
                let message = "a workflow of pull requests hands on secrets";
                found.add(file, item.key, message, "leave them to the workflows of pushes");
            }
            let reads = |text| words(text, name == "if").names.iter().any(|name| name == "secrets");
            if item.text.is_some_and(reads) {
                let message = "a workflow of pull requests reads a secret";
                let help = "leave it to the workflows of pushes; `github.token` reads this repository";
                found.add(file, flow.word(item, "secrets"), message, help);
            }
        }
    });
}
