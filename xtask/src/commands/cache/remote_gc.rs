//! `cache gc --registry`: least recently written first, until the rest fits the budget.

use super::dates;
use super::evict::{carry_out, mark};
use super::kind::Kind;
use super::remote::{Remote, now};
use super::remote_ls::ago;
use super::size;
use crate::cli::Gc;
use crate::exit::Done;
use anyhow::{Context, Result};
use drive::registries::repository;
use drive::session::Session;
use model::image_names::CacheTag;
use model::oci::{ImageDigest, Pointer, Repository, Tag};
use oci::{Collection, Inventory, Keep, Question, Removal, collect};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const BUDGET: u64 = 40 << 30;
/// A build and the merge after it end within this.
const GRACE: Duration = Duration::from_hours(7 * 24);

/// Decides, shows, and unless this is a dry run deletes what was shown.
pub fn run(session: &Session, remote: &Remote, args: &Gc) -> Result<Done> {
    let now = now();
    let mut inventory = remote.survey()?;
    let before = dates::read(remote)?;
    let dates = before.renewed(&mut inventory, now);
    let question = Question {
        kept: kept(&inventory, &args.keep),
        published: published(session, remote, &args.published)?,
        inventory: &inventory,
        budget: args.budget.unwrap_or(BUDGET),
        grace: args.grace.unwrap_or(GRACE).as_secs(),
        now,
    };
    let found = collect(&question);
    show(session, args, &found, now)?;
    if !args.dry_run {
        let used = used_since(remote, &inventory, &found.removals)?;
        let is_used = |tag: &&Tag| mark(tag).is_some_and(|mark| used.contains_key(&mark));
        let mut removals = found.removals.clone();
        removals.retain(|removal| {
            let again = removal.tags.iter().find(is_used);
            if let Some(tag) = again {
                session.ui.warn(&format!("{tag} has been used again in the meantime, and stays"));
            }
            again.is_none()
        });
        let mut rest = carry_out(remote, &inventory, &removals)?;
        let dates = dates.renewed(&mut rest, now);
        if dates != before {
            dates::write(remote, &dates).context("writing down when tags without a date were seen")?;
        }
    }
    finish(session, args, remote, &found, question.budget);
    Ok(Done::Well)
}

/// Marks of images that were used again since the cache was looked at.
fn used_since(
    remote: &Remote,
    inventory: &Inventory,
    removals: &[Removal],
) -> Result<BTreeMap<Tag, Option<ImageDigest>>> {
    let tags = removals.iter().flat_map(|removal| &removal.tags);
    let marks: BTreeSet<Tag> = tags.filter_map(mark).collect();
    let mut now = remote.client.exists_many(&remote.repository, &marks.into_iter().collect::<Vec<_>>())?;
    now.retain(|mark, digest| {
        digest.is_some() && inventory.tags.get(mark).map(|tagged| &tagged.digest) != digest.as_ref()
    });
    Ok(now)
}

/// What stays by its name.
fn kept(inventory: &Inventory, asked: &[Pointer]) -> BTreeMap<Tag, Keep> {
    let keep = |(tag, tagged): (&Tag, &oci::Tagged)| {
        let named = |pointer: &Pointer| match pointer {
            Pointer::Tag(asked) => asked == tag,
            Pointer::Digest(digest) => *digest == tagged.digest,
        };
        if asked.iter().any(named) {
            return Some((tag.clone(), Keep::Asked));
        }
        match (Kind::of(tag), CacheTag::parse(tag)) {
            (Kind::Base, Some(CacheTag::Base(_))) | (Kind::Dates, _) => Some((tag.clone(), Keep::Current)),
            // Release tags are among these.
            (Kind::Other, _) => Some((tag.clone(), Keep::Foreign)),
            _ => None,
        }
    };
    inventory.tags.iter().filter_map(keep).collect()
}

/// Every manifest that a tag of a published repository reaches. Without an answer nothing is deleted.
fn published(session: &Session, remote: &Remote, named: &[Repository]) -> Result<BTreeSet<ImageDigest>> {
    let registry = &session.manifests.registry;
    let repositories: Vec<Repository> = if named.is_empty() {
        let texts = registry.backends.iter().chain(&registry.root);
        texts.map(|text| repository(text)).collect::<Result<_>>()?
    } else {
        named.to_vec()
    };
    let mut known = BTreeMap::new();
    for repository in &repositories {
        let found = remote.client.structure(repository, known).with_context(|| {
            format!(
                "what {repository} publishes must be known before anything is deleted; --published names other repositories"
            )
        })?;
        known = found.manifests;
    }
    Ok(known.into_keys().collect())
}

fn show(session: &Session, args: &Gc, found: &Collection, now: u64) -> Result<()> {
    if args.json || session.ui.json() {
        let mut data = serde_json::to_value(found)?;
        if let Some(object) = data.as_object_mut() {
            object.insert("dry_run".to_owned(), args.dry_run.into());
        }
        session.ui.data(&data)?;
        return Ok(());
    }
    for removal in &found.removals {
        let frees = size(removal.frees);
        for (at, tag) in removal.tags.iter().enumerate() {
            let frees = if at == 0 { frees.as_str() } else { "" };
            let kind = Kind::of(tag).as_str();
            session.ui.line(format_args!("{kind:<14} {frees:>11} {:>9}  {tag}", ago(removal.written, now)));
        }
    }
    Ok(())
}

fn finish(session: &Session, args: &Gc, remote: &Remote, found: &Collection, budget: u64) {
    if found.after > budget {
        let mut counts: BTreeMap<Keep, usize> = BTreeMap::new();
        for keep in found.kept.values() {
            *counts.entry(*keep).or_default() += 1;
        }
        let counts: Vec<String> =
            counts.iter().map(|(keep, count)| format!("{count} {}", words(*keep))).collect();
        session.ui.warn(&format!(
            "{} stay, over the budget of {}: {}",
            size(found.after),
            size(budget),
            counts.join(", ")
        ));
    }
    let tags: usize = found.removals.iter().map(|removal| removal.tags.len()).sum();
    let verb = if args.dry_run { "would delete" } else { "deleted" };
    let frees = size(found.before - found.after);
    let stays = size(found.after);
    session.ui.done(&format!("{verb} {tags} tags of {}, {frees}; {stays} stay", remote.repository));
}

fn words(keep: Keep) -> &'static str {
    match keep {
        Keep::Asked => "kept because of --keep",
        Keep::Published => "published",
        Keep::Foreign => "not of this cache",
        Keep::Current => "in use by name",
        Keep::Young => "younger than the grace window",
        Keep::Undated => "of unknown age",
        Keep::Shared => "part of what stays",
    }
}
