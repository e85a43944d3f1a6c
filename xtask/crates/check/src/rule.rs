//! A rule: its name, what it demands, where that comes from, and the function that looks.

use crate::{Finding, Found, RULES, Repository};
use model::text::suggest;

/// One invariant of the repository.
#[derive(Debug)]
pub struct Rule {
    /// What `--rule` calls it.
    pub name: &'static str,
    /// What it demands, in one line.
    pub meaning: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    pub(crate) run: fn(&Repository<'_>, &mut Found),
}

/// No rule has that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule(String);

impl std::error::Error for UnknownRule {}

impl std::fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(name) = self;
        let hint = suggest::hint(name, RULES.iter().map(|rule| rule.name));
        write!(f, "there is no rule `{name}`{hint} (`cargo xtask check --list` shows them all)")
    }
}

impl Rule {
    /// The rule of that name.
    pub fn named(name: &str) -> Result<&'static Self, UnknownRule> {
        RULES.iter().find(|rule| rule.name == name).ok_or_else(|| UnknownRule(name.to_owned()))
    }

    /// Everything that it finds.
    pub fn findings(&self, repository: &Repository<'_>) -> Vec<Finding> {
        let mut found = Found::by(self.name);
        (self.run)(repository, &mut found);
        found.into_list()
    }
}
