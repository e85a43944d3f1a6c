//! Rule: docker/ holds the templates that xtask uses, and nothing else.

use crate::{Found, Repository, Rule};
use camino::{Utf8Path, Utf8PathBuf};
use plan::lower::TEMPLATES;
use plan::manifest::Spot;

pub(super) const RULE: Rule = Rule {
    name: "docker-files",
    meaning: "docker/ holds every template that xtask uses, and no other file",
    source: "design: layout",
    run,
};

const DIR: &str = "docker";

fn run(repository: &Repository<'_>, found: &mut Found) {
    let paths = repository.files.keys().chain(repository.others).filter(|path| path.starts_with(DIR));
    for path in paths {
        let name = path.strip_prefix(DIR).map(Utf8Path::as_str).unwrap_or_default();
        if !TEMPLATES.contains(&name) {
            let help = "remove it, or add it to `TEMPLATES` in xtask/crates/plan/src/lower/unit.rs";
            found.add(path, Spot::START, "no build reads this file", help);
        }
    }
    for name in TEMPLATES {
        let path = Utf8PathBuf::from(format!("{DIR}/{name}"));
        if !repository.has(&path) {
            found.add(&path, Spot::START, "this template is missing", "restore it");
        }
    }
}
