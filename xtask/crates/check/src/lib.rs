//! The invariants of this repository as rules over its files; nothing in here reads a file or starts a process.

mod finding;
mod read;
mod rendered;
mod repository;
mod rule;
mod rules;

pub use finding::{Finding, Found};
pub use read::{Field, Row, Table};
pub use repository::{Repository, Verdict, Written};
pub use rule::{Rule, UnknownRule};
pub use rules::{conformance_test, tested_by};

/// Every rule, in the order in which they are listed.
pub const RULES: &[Rule] = rules::ALL;

/// The rules of these names; all of them for no names.
pub fn select(names: &[String]) -> Result<Vec<&'static Rule>, UnknownRule> {
    if names.is_empty() {
        return Ok(RULES.iter().collect());
    }
    names.iter().map(|name| Rule::named(name)).collect()
}

/// What is wrong with the manifests themselves, which keeps rules about them from being asked.
pub fn unreadable(repository: &Repository<'_>) -> Vec<Finding> {
    let Err(diagnostics) = &repository.manifests else { return Vec::new() };
    diagnostics.iter().map(|diagnostic| rules::of_diagnostic(repository, diagnostic)).collect()
}

/// The page that lists the rules, which `cargo xtask generate` writes.
pub fn page() -> String {
    rules::page()
}
