//! Rule: dependencies between crates are those of the table in docs/architecture.md.

use crate::read::cargo::dependencies;
use crate::read::spots;
use crate::{Found, Repository, Rule};
use camino::{Utf8Path, Utf8PathBuf};
use plan::manifest::Spot;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    name: "arrows",
    meaning: "crates depend on what the table in docs/architecture.md allows, and heavy libraries are where they belong",
    source: "docs/architecture.md, \"Crates\"",
    run,
};

const PAGE: &str = "docs/architecture.md";

/// Libraries, and the only crates that may have them; those of tests are free.
const RESERVED: [(&str, &[&str]); 17] = [
    ("anyhow", &["xtask"]),
    ("clap", &["client", "xtask"]),
    ("clap_complete", &["xtask"]),
    ("ctrlc", &["halt"]),
    ("flate2", &["fetch", "pack"]),
    ("fs-err", &["checkout", "debian", "exec", "pack", "xtask"]),
    ("goblin", &["pack"]),
    ("indicatif", &["xtask"]),
    ("rustls", &["transfer"]),
    ("saphyr-parser", &["matrixfile", "plan"]),
    ("serde_yaml", &["plan"]),
    ("tar", &["fetch", "pack"]),
    ("tokio", &["client"]),
    ("tonic", &["client"]),
    ("ureq", &["transfer"]),
    ("walkdir", &["pack", "xtask"]),
    ("which", &["exec"]),
];

/// What a crate may depend on.
#[derive(Debug, PartialEq, Eq)]
enum Allowed {
    /// These of this repository, and libraries.
    These(Vec<String>),
    /// All of this repository but these, and libraries.
    AllBut(Vec<String>),
    /// Nothing at all.
    Nothing,
}

fn run(repository: &Repository<'_>, found: &mut Found) {
    let page = repository.files.get(Utf8Path::new(PAGE)).map(String::as_str).unwrap_or_default();
    let table = table(page);
    let crates: BTreeMap<String, &Utf8PathBuf> =
        repository.files.keys().filter_map(|path| Some((name_of(path)?, path))).collect();
    for (name, path) in &crates {
        let Some((_, allowed)) = table.get(name) else {
            let message = format!("the table of crates in {PAGE} has no row for `{name}`");
            found.add(path, repository.word(path, "name ="), message, "add one, with what it may depend on");
            continue;
        };
        for dependency in dependencies(&repository.files[*path]) {
            let ours = crates.contains_key(&dependency.name);
            let (on, spot) = (&dependency.name, dependency.spot);
            if on != name && !allowed.allows(on, ours, dependency.dev) {
                let message = format!("`{name}` must not depend on `{on}`");
                let help = format!("move what needs it upwards, or argue for the arrow in {PAGE}");
                found.add(path, spot, message, help);
            }
            let users = RESERVED.iter().find(|(library, _)| library == on);
            if let (Some((_, users)), false) = (users, dependency.dev)
                && !users.contains(&name.as_str())
            {
                let message = format!("`{on}` is for {} alone", users.join(", "));
                found.add(path, spot, message, "call what those crates offer");
            }
        }
    }
    for (name, (spot, _)) in table.iter().filter(|(name, _)| !crates.contains_key(*name)) {
        let message = format!("there is no crate `{name}`");
        found.add(PAGE.into(), *spot, message, "remove the row");
    }
}

impl Allowed {
    fn allows(&self, on: &str, ours: bool, dev: bool) -> bool {
        match self {
            Self::Nothing => dev,
            Self::These(list) => !ours || list.iter().any(|name| name == on),
            Self::AllBut(list) => !list.iter().any(|name| name == on),
        }
    }
}

/// The crate whose manifest this is.
fn name_of(path: &Utf8Path) -> Option<String> {
    let name = path.as_str().strip_suffix("/Cargo.toml")?;
    let name = if name == "xtask" { name } else { name.strip_prefix("xtask/crates/")? };
    (!name.contains('/')).then(|| name.to_owned())
}

/// Rows of the page's table of crates: where the name stands, and what it may depend on.
fn table(page: &str) -> BTreeMap<String, (Spot, Allowed)> {
    let lines = spots::numbered(page).skip_while(|(_, line)| !line.starts_with("| crate |"));
    let rows = lines.skip(2).take_while(|(_, line)| line.starts_with('|'));
    rows.filter_map(|(number, line)| {
        let mut columns = line.split('|').skip(1);
        let name = quoted(columns.next()?).pop()?;
        let on = columns.nth(1)?;
        let allowed = if on.contains("no crate at all") {
            Allowed::Nothing
        } else if on.contains("all but") {
            Allowed::AllBut(quoted(on))
        } else {
            Allowed::These(quoted(on))
        };
        let spot = spots::of(number, line, &name);
        Some((name, (spot, allowed)))
    })
    .collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_who_may_depend_on_whom() {
        let page = "x\n| crate | does | depends on | never |\n|---|---|---|---|\n| `a` | x | no other | y |\n\
                    | `b` | x | `a`, `c` | y |\n| `c` | x | no crate at all | y |\n| `d` | x | all but `c` | y |\n\nz";
        let table = table(page);
        assert_eq!(table.len(), 4);
        assert_eq!(table["a"].1, Allowed::These(Vec::new()));
        assert_eq!(table["b"].1, Allowed::These(vec!["a".to_owned(), "c".to_owned()]));
        assert!(table["b"].1.allows("serde", false, false) && !table["b"].1.allows("d", true, true));
        assert!(!table["c"].1.allows("serde", false, false));
        assert!(table["d"].1.allows("a", true, false) && !table["d"].1.allows("c", true, false));
    }
}
