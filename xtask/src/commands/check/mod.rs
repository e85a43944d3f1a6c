//! `check`: every invariant of the repository, each finding with its place.

mod files;
mod parser;

use super::{generate, workflows};
use crate::cli::Check;
use crate::exit::Done;
use anyhow::Result;
use camino::Utf8Path;
use check::{Finding, Repository, Rule, Table, Written};
use drive::error::Coded;
use drive::make;
use drive::repo;
use model::backend::{Backend, Recipe};
use rayon::prelude::*;
use std::time::Instant;
use ui::Shown;
use ui::{Ui, human};

/// Looks, and prints what was found. Needs no machine, and no manifests that can be read.
pub fn run(ui: &Ui, args: &Check) -> Result<Done> {
    let began = Instant::now();
    let json = args.json || ui.json();
    if args.list {
        return list(ui, json);
    }
    let rules = check::select(&args.rule).map_err(|error| Coded::Usage(error.to_string()))?;
    let root = repo::root()?;
    let matrix = args.matrix_file.as_deref().map(matrix).transpose()?;
    let (texts, others) = files::read(&root)?;
    let parser = parser::parser();
    let mut repository = Repository::new(&texts, &others, &parser);
    let written = |(path, text)| Written { path, text };
    repository.generated =
        generate::files(|path| texts.get(path).cloned()).into_iter().map(written).collect();
    repository.workflows = generated_workflows(&repository);
    repository.matrix = matrix;
    repository.unaccounted = unaccounted(&root)?;
    let mut findings = check::unreadable(&repository);
    findings.par_extend(rules.par_iter().flat_map_iter(|rule| rule.findings(&repository)));
    findings.sort();
    if json {
        ui.data(&findings)?;
    } else {
        for finding in &findings {
            show(ui, finding, &Shown::new(|color| finding.diagnostic(&texts).render(color) + "\n"));
        }
    }
    for text in [scripts(&repository), unlocked_commits(&repository)].into_iter().flatten().filter(|_| !json)
    {
        ui.note(&text);
    }
    let looked = format!("{} rules, {} files, {}", rules.len(), texts.len(), human(began.elapsed()));
    if findings.is_empty() {
        ui.done(&format!("nothing found ({looked})"));
        return Ok(Done::Well);
    }
    let plural = if findings.len() == 1 { "" } else { "s" };
    ui.error(&format!("{} finding{plural} ({looked})", findings.len()));
    Ok(Done::Differs)
}

/// What is generated below .github; nothing where the manifests do not tell, which other rules report.
fn generated_workflows(repository: &Repository<'_>) -> Vec<Written> {
    let Ok(manifests) = &repository.manifests else { return Vec::new() };
    let Ok(facts) = workflows::facts(manifests) else {
        return Vec::new();
    };
    let written = |(path, text): (String, String)| Written { path: path.into(), text };
    ::workflows::files::files(&facts).into_iter().map(written).collect()
}

/// How many published units their own scripts build: what is left to be described to this project.
fn scripts(repository: &Repository<'_>) -> Option<String> {
    let backends = &repository.manifests.as_ref().ok()?.backends;
    let scripts: Vec<_> =
        backends.values().filter(|backend| matches!(backend.recipe, Recipe::Script(_))).collect();
    let units: usize =
        scripts.iter().flat_map(|backend| &backend.variants).map(|used| used.platforms.len()).sum();
    let floating = scripts.iter().filter(|backend| backend.recipe.floats()).count();
    let count = scripts.len();
    (count > 0).then(|| {
        format!("scripts of their own build {units} units of {count} backends, of which {floating} float for the network")
    })
}

/// Which backends install what a git repository holds on the day that they are built.
fn unlocked_commits(repository: &Repository<'_>) -> Option<String> {
    let backends = repository.manifests.as_ref().ok()?.backends.values();
    let floats = |backend: &&Backend| {
        let Recipe::Python(python) = &backend.recipe else { return false };
        python.all().any(|requirements| requirements.git && requirements.lock.is_none())
    };
    let names: Vec<&str> = backends.filter(floats).map(|backend| backend.name.as_str()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "{} backends may install commits that no lock names, of any time of the week: {}",
            names.len(),
            names.join(", ")
        )
    })
}

/// What the last builds in this checkout left of things that no fact stands for.
fn unaccounted(root: &Utf8Path) -> Result<Vec<Written>> {
    let told = make::told_unaccounted(root)?.into_iter();
    Ok(told.map(|told| Written { path: told.manifest, text: told.advice }).collect())
}

fn show(ui: &Ui, finding: &Finding, shown: &Shown) {
    ui.shown(shown);
    let Finding { file, line, column, rule, message, help, .. } = finding;
    ui.annotate(file, (*line, *column), rule, &format!("{message}; {help}"));
}

/// Rows of a file that was named.
fn matrix(file: &Utf8Path) -> Result<Table> {
    let text = fs_err::read_to_string(file)
        .map_err(|error| Coded::Usage(format!("cannot read the matrix: {error}")))?;
    Ok(Table::read(file, &text).map_err(Coded::Usage)?)
}

fn list(ui: &Ui, json: bool) -> Result<Done> {
    if json {
        let rule = |Rule { name, meaning, source, .. }: &Rule| serde_json::json!({ "name": name, "meaning": meaning, "source": source });
        ui.data(&check::RULES.iter().map(rule).collect::<Vec<_>>())?;
        return Ok(Done::Well);
    }
    for Rule { name, meaning, source, .. } in check::RULES {
        ui.line(format_args!("{name:<14} {meaning} ({source})"));
    }
    Ok(Done::Well)
}
