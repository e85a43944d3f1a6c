//! `audit`: what the manifests promise against what is published.

use crate::cli::Audit;
use crate::exit::Done;
use anyhow::Result;
use ci::audit::{Promise, Report, compare, promises, roots};
use drive::audit::{Question, look};
use drive::error::Coded;
use drive::helpers::ENTRY_SOURCES;
use drive::make::{Published, census};
use drive::registries;
use drive::session::Session;
use model::key::Key;
use model::oci::{Repository, Tag};
use model::platform::Platform;
use model::unit::UnitId;
use plan::made::Made;
use std::collections::{BTreeMap, BTreeSet};

/// Lists the promises, or compares them with what registries have.
pub fn run(session: &Session, args: &Audit) -> Result<Done> {
    let backends = of_backends(session)?;
    let key = |row: &_, platform| {
        Made::root(row, platform, &session.manifests, ENTRY_SOURCES).ok().map(|made| made.key)
    };
    let roots = roots(&session.manifests.root_images, key);
    match &args.registry {
        None => list(session, args, &[backends, roots].concat()),
        Some(named) => ask(session, args, &backends, &roots, named),
    }
}

/// What the manifests promise of backends.
pub fn of_backends(session: &Session) -> Result<Vec<Promise>> {
    let keys: BTreeMap<UnitId, Option<Key>> =
        census(session)?.into_iter().map(|Published { unit, key, .. }| (unit, key)).collect();
    let key = |unit: &UnitId| keys.get(unit).copied().flatten();
    promises(&session.manifests.backends, &session.manifests.variants, key)
        .map_err(|error| Coded::Usage(error.to_string()).into())
}

/// The tags of promises under a name; an error where one is none.
pub fn tags(promises: &[Promise], name: &str) -> Result<BTreeSet<Tag>> {
    let tag = |promise: &Promise| {
        let text = || format!("--tag {name}: `{name}{}` is not a tag", promise.image.suffix());
        promise.tag(name).ok_or_else(|| Coded::Usage(text()).into())
    };
    promises.iter().map(tag).collect()
}

/// An error where no registry may be asked.
pub fn may_ask(session: &Session) -> Result<()> {
    let text = "a registry cannot be asked with --offline; without --registry nothing is";
    anyhow::ensure!(!session.offline, Coded::Usage(text.to_owned()));
    Ok(())
}

/// The repositories that were named, or those of variants.yaml.
pub fn repositories(named: &[Repository], usual: &[String]) -> Result<Vec<Repository>> {
    if named.is_empty() {
        return usual.iter().map(|text| registries::repository(text)).collect();
    }
    Ok(named.to_vec())
}

/// What the manifests say by themselves.
fn list(session: &Session, args: &Audit, promises: &[Promise]) -> Result<Done> {
    if args.json || session.ui.json() {
        session.ui.data(&promises)?;
        return Ok(Done::Well);
    }
    for promise in promises {
        let platforms: Vec<&str> = promise.legs.keys().map(|platform| Platform::as_str(*platform)).collect();
        session.ui.line(format_args!("{:<44} {}", promise.image.suffix_or_core(), platforms.join(" ")));
    }
    let (images, parts) = count(promises);
    session.ui.done(&format!(
        "{images} images of {parts} units are promised, each under a name of its own; no registry was asked \
         (--registry does)"
    ));
    Ok(Done::Well)
}

fn ask(
    session: &Session,
    args: &Audit,
    backends: &[Promise],
    roots: &[Promise],
    named: &[Repository],
) -> Result<Done> {
    may_ask(session)?;
    let name = args.name();
    let registry = &session.manifests.registry;
    let repositories = repositories(named, &registry.backends)?;
    let (root_repositories, cache) = if named.is_empty() {
        let cache = args.cache.clone().map_or_else(|| registries::repository(&registry.cache), Ok)?;
        (self::repositories(&args.root_registry, &registry.root)?, Some(cache))
    } else {
        (args.root_registry.clone(), args.cache.clone())
    };
    let cache = cache.as_ref();
    let client = registries::client();
    let mut report = Report::default();
    let asked = [(backends, &repositories), (roots, &root_repositories)];
    let asked = asked.into_iter().filter(|(_, repositories)| !repositories.is_empty());
    let mut promises = Vec::new();
    for (promised, repositories) in asked {
        let (tags, read) = (tags(promised, name)?, args.read);
        let question = Question {
            promises: promised,
            tags: &tags,
            names: &[name],
            strangers: false,
            repositories,
            cache,
            read,
        };
        report = report.and(compare(promised, name, &look(session, &client, &question)?));
        promises.extend_from_slice(promised);
    }
    if args.json || session.ui.json() {
        session.ui.data(&serde_json::json!({
            "name": name,
            "repositories": repositories,
            "root_repositories": root_repositories,
            "cache": cache,
            "images": count(&promises).0,
            "units": count(&promises).1,
            "complete": report.is_complete(),
            "findings": report.findings,
            "notes": report.notes,
        }))?;
    } else {
        print(session, &report, cache.is_some(), !root_repositories.is_empty());
        let places: Vec<Repository> = repositories.into_iter().chain(root_repositories).collect();
        session.ui.done(&summary(&report, &promises, name, &places));
    }
    Ok(if report.is_complete() { Done::Well } else { Done::Differs })
}

fn print(session: &Session, report: &Report, cache: bool, roots: bool) {
    for (group, findings) in report.groups() {
        session.ui.line(format_args!("{} ({}):", group.title(), findings.len()));
        for finding in findings {
            let place = finding.repository.as_ref().map(|place| format!(" in {place}")).unwrap_or_default();
            let which = if finding.suffix.is_empty() { "-core" } else { &finding.suffix };
            session.ui.line(format_args!("  {which}{place}: {}", finding.what));
        }
    }
    if !roots {
        session.ui.note("root images were not looked at; --root-registry names where they are");
    }
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
