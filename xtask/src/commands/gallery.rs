//! `gallery`: the index of what LocalAI can install, written from what is published, or held against it.

use super::audit::{may_ask, of_backends, repositories, tags};
use crate::cli::Gallery;
use crate::exit::Done;
use anyhow::{Context, Result};
use camino::Utf8Path;
use ci::audit::{Promise, Report, Seen, compare, resembles};
use ci::gallery::{self, Channel, Place};
use drive::audit::{Question, look};
use drive::error::Coded;
use drive::registries;
use drive::session::Session;
use model::oci::{Repository, Tag};
use std::collections::BTreeSet;

/// What moves with every commit.
const DEVELOPMENT: &str = "master";

/// Writes an index, or compares one.
pub fn run(session: &Session, args: &Gallery) -> Result<Done> {
    may_ask(session)?;
    let promises = of_backends(session)?;
    let repositories = repositories(&args.registry, &session.manifests.registry.backends)?;
    match &args.check {
        Some(file) => check(session, args, &promises, &repositories, file),
        None => write(session, args, &promises, &repositories),
    }
}

fn write(
    session: &Session,
    args: &Gallery,
    promises: &[Promise],
    repositories: &[Repository],
) -> Result<Done> {
    let mut names = vec![(args.name(), false)];
    names.extend(args.development.then_some((DEVELOPMENT, true)));
    let mut looked: Vec<(&str, bool, Seen, Report)> = Vec::new();
    for (name, development) in names {
        let seen = ask(session, args, promises, repositories, &tags(promises, name)?, &[name], false)?;
        let report = compare(promises, name, &seen);
        looked.push((name, development, seen, report));
    }
    let channels: Vec<Channel<'_>> = looked
        .iter()
        .map(|(name, development, seen, report)| Channel { name, development: *development, seen, report })
        .collect();
    let gallery = gallery::gallery(&session.manifests, promises, &channels);
    let text = gallery.text();
    if args.json || session.ui.json() {
        session.ui.data(&serde_json::json!({ "index": text, "left_out": gallery.left_out }))?;
    } else if args.dry_run {
        for line in text.lines() {
            session.ui.line(format_args!("{line}"));
        }
    }
    for left in &gallery.left_out {
        session.ui.note(&format!("{} is left out: {}", left.tag, left.why));
    }
    let (images, backends) = gallery.count();
    let what = format!("{images} images of {backends} backends, {} left out", gallery.left_out.len());
    if args.dry_run {
        session.ui.done(&format!("{} would list {what}", args.output));
        return Ok(Done::Well);
    }
    fs_err::write(&args.output, text)?;
    session.ui.done(&format!("{} lists {what}", args.output));
    Ok(Done::Well)
}

fn check(
    session: &Session,
    args: &Gallery,
    promises: &[Promise],
    repositories: &[Repository],
    file: &Utf8Path,
) -> Result<Done> {
    let listed = gallery::read(&fs_err::read_to_string(file)?)
        .map_err(|error| Coded::Usage(format!("{file}: {error}")))?;
    let places = listed.iter().flat_map(|entry| &entry.places);
    let wanted: BTreeSet<Tag> = places
        .filter_map(|place| match place {
            Place::Image(repository, tag) if repositories.contains(repository) => Some(tag.clone()),
            _ => None,
        })
        .collect();
    // What is published under the names that the index itself knows.
    let names: BTreeSet<&str> = [args.name(), "latest", DEVELOPMENT].into();
    let names: Vec<&str> = names
        .into_iter()
        .filter(|name| *name == args.name() || wanted.iter().any(|tag| resembles(tag, name)))
        .collect();
    let expected = gallery::promised(promises, &names);
    let seen = ask(session, args, promises, repositories, &wanted, &names, true)?;
    let found = gallery::compare(&listed, &expected, &seen.repositories);
    if args.json || session.ui.json() {
        session.ui.data(&serde_json::json!({ "entries": listed.len(), "differences": found }))?;
    } else {
        for difference in &found {
            session.ui.line(format_args!("{difference}"));
        }
        let places: Vec<String> = repositories.iter().map(ToString::to_string).collect();
        let places = places.join(" and ");
        session.ui.done(&match found.len() {
            0 => format!("{file} is what {places} have: {} entries", listed.len()),
            count => format!("{file} and {places} differ in {count} places"),
        });
    }
    Ok(if found.is_empty() { Done::Well } else { Done::Differs })
}

fn ask(
    session: &Session,
    args: &Gallery,
    promises: &[Promise],
    repositories: &[Repository],
    tags: &BTreeSet<Tag>,
    names: &[&str],
    strangers: bool,
) -> Result<Seen> {
    // What is compared is not read: that it is whole is told by its blobs.
    let read = if strangers { 0 } else { args.read };
    let question = Question { promises, tags, names, strangers, repositories, cache: None, read };
    look(session, &registries::client(), &question).context("looking at what is published")
}
