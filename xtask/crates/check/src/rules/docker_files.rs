//! Rule: docker/ holds the templates that xtask uses, and nothing else.

use crate::{Found, Repository, Rule};
use camino::Utf8Path;
use model::manifest::Spot;
use model::template::Template;

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
        if !Template::ALL.iter().any(|template| template.file_name() == name) {
            let help = "remove it, or add it to `Template` in xtask/crates/model/src/template.rs";
            found.add(path, Spot::START, "no build reads this file", help);
        }
    }
    for path in Template::ALL.map(Template::path) {
        if !repository.has(&path) {
            found.add(&path, Spot::START, "this template is missing", "restore it");
        }
    }
}
