//! What all rules about workflows begin with.

use crate::read::workflow::{Flow, Item};
use crate::{Found, Repository};
use camino::Utf8Path;
use model::manifest::Spot;

/// Shows every workflow and composite action, with all that stands in it. One that cannot be read is a finding: nothing
/// would be known of it.
pub(super) fn each(
    repository: &Repository<'_>,
    found: &mut Found,
    mut look: impl FnMut(&Utf8Path, &Flow<'_>, &[Item<'_>], &mut Found),
) {
    for (file, flow) in repository.flows() {
        if let Some(flow) = flow {
            look(file, flow, &flow.items(), found);
        } else {
            let message = "this is no YAML that can be read, and nothing is known of it";
            found.add(file, Spot::START, message, "mend it, or remove it");
        }
    }
}

/// A script without the lines that are remarks.
pub(super) fn code(script: &str) -> String {
    let lines: Vec<&str> = script.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    lines.join("\n")
}
