//! `audit`: what the manifests promise against what is published.

use crate::cli::Audit;
use crate::exit::Done;
use anyhow::Result;
use ci::audit::{Promise, Report, compare, promises};
use drive::audit::{Question, look};
use drive::error::Coded;
use drive::make::{Published, census};
use drive::registries;
use drive::session::Session;
use model::key::Key;
use model::oci::Repository;
use model::platform::Platform;
use model::unit::UnitId;
use std::collections::BTreeMap;

/// Lists the promises, or compares them with what registries have.
pub fn run(session: &Session, args: &Audit) -> Result<Done> {
    let keys: BTreeMap<UnitId, Option<Key>> =
        census(session)?.into_iter().map(|Published { unit, key, .. }| (unit, key)).collect();
    let key = |unit: &UnitId| keys.get(unit).copied().flatten();
    let promises = promises(&session.manifests.backends, &session.manifests.variants, key)
        .map_err(|error| Coded::Usage(error.to_string()))?;
    match &args.registry {
        None => list(session, args, &promises),
        Some(named) => ask(session, args, &promises, named),
    }
}

/// What the manifests say by themselves.
fn list(session: &Session, args: &Audit, promises: &[Promise]) -> Result<Done> {
    if args.json || session.ui.json() {
        session.ui.data(&promises)?;
        return Ok(Done::Well);
    }
    for promise in promises {
        let platforms: Vec<&str> = promise.legs.keys().map(|platform| Platform::as_str(*platform)).collect();
        session.ui.line(format_args!("{:<44} {}", promise.suffix, platforms.join(" ")));
    }
    let (images, units) = count(promises);
    session.ui.done(&format!(
        "{images} images of {units} units are promised, each under a name of its own; no registry was asked \
         (--registry does)"
    ));
    Ok(Done::Well)
}

fn ask(session: &Session, args: &Audit, promises: &[Promise], named: &[Repository]) -> Result<Done> {
    if session.offline {
        let text = "a registry cannot be asked with --offline; without --registry nothing is";
        return Err(Coded::Usage(text.to_owned()).into());
    }
    let name = args.name();
    if let Some(promise) = promises.iter().find(|promise| promise.tag(name).is_none()) {
        let text = format!("--tag {name}: `{name}{}` is not a tag", promise.suffix);
        return Err(Coded::Usage(text).into());
    }
    let registry = &session.manifests.registry;
    let (repositories, cache) = if named.is_empty() {
        let all: Result<Vec<Repository>> =
            registry.backends.iter().map(|text| registries::repository(text)).collect();
        (all?, Some(args.cache.clone().map_or_else(|| registries::repository(&registry.cache), Ok)?))
    } else {
        (named.to_vec(), args.cache.clone())
    };
    let cache = cache.as_ref();
    let question = Question { promises, name, repositories: &repositories, cache, read: args.read };
    let seen = look(session, &registries::client(), &question)?;
    let report = compare(promises, name, &seen);
    if args.json || session.ui.json() {
        session.ui.data(&serde_json::json!({
            "name": name,
            "repositories": repositories,
            "cache": cache,
            "images": count(promises).0,
            "units": count(promises).1,
            "complete": report.is_complete(),
            "findings": report.findings,
            "notes": report.notes,
        }))?;
    } else {
        print(session, &report, cache.is_some());
        session.ui.done(&summary(&report, promises, name, &repositories));
    }
    Ok(if report.is_complete() { Done::Well } else { Done::Differs })
}

fn print(session: &Session, report: &Report, cache: bool) {
    for (group, findings) in report.groups() {
        session.ui.line(format_args!("{} ({}):", group.title(), findings.len()));
        for finding in findings {
            let place = finding.repository.as_ref().map(|place| format!(" in {place}")).unwrap_or_default();
            session.ui.line(format_args!("  {}{place}: {}", finding.suffix, finding.what));
        }
    }
    session.ui.note("root images were not looked at");
    if !cache {
        session.ui.note(
            "whether the images of this checkout are built was not asked; --cache names where they are",
        );
    }
}

fn summary(report: &Report, promises: &[Promise], name: &str, repositories: &[Repository]) -> String {
    let (images, units) = count(promises);
    let places: Vec<String> = repositories.iter().map(ToString::to_string).collect();
    let what = format!("{images} images of {units} units as {name} in {}", places.join(" and "));
    match report.findings.len() {
        0 => format!("complete: {what}"),
        1 => format!("incomplete, with one finding: {what}"),
        count => format!("incomplete, with {count} findings: {what}"),
    }
}

fn count(promises: &[Promise]) -> (usize, usize) {
    (promises.len(), promises.iter().map(|promise| promise.legs.len()).sum())
}
