//! What to delete so that a cache fits its budget: a pure function of what is there.

pub(crate) mod inventory;
pub(crate) mod survey;

use crate::collect::inventory::{Inventory, Parts};
use model::oci::{ImageDigest, Tag};
use std::collections::{BTreeMap, BTreeSet};

/// Why a tag stays whatever the budget says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// The user says so.
    Asked,
    /// A published tag refers to it.
    Published,
    /// It is not of a kind that this cache makes.
    Foreign,
    /// It is what people and builds use now.
    Current,
    /// It is younger than the grace window: a build may be about to need it.
    Young,
    /// Nobody knows how old it is yet.
    Undated,
    /// What keeps it is younger or kept itself: deleting it would free nothing.
    Shared,
}

/// What is to be decided.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// What is there.
    pub inventory: &'a Inventory,
    /// Tags that stay, and why.
    pub kept: BTreeMap<Tag, Keep>,
    /// Manifests that published tags refer to.
    pub published: BTreeSet<ImageDigest>,
    /// Bytes that may stay.
    pub budget: u64,
    /// Now, in seconds since 1970.
    pub now: u64,
    /// Seconds within which nothing is deleted.
    pub grace: u64,
}

/// A manifest that goes, with every tag that names it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Removal {
    /// The manifest.
    pub digest: ImageDigest,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// When it was written last.
    pub written: Option<u64>,
    /// Bytes that are needed by nothing once it and all before it are gone.
    pub frees: u64,
}

/// What to delete, in order, and what stays.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Collection {
    /// What goes, least recently written first.
    pub removals: Vec<Removal>,
    /// What stays although it is old enough, and why.
    pub kept: BTreeMap<Tag, Keep>,
    /// Bytes before.
    pub before: u64,
    /// Bytes after.
    pub after: u64,
}

/// Every tag of one manifest. A registry that deletes by digest deletes all of them.
struct Group {
    digest: ImageDigest,
    tags: Vec<Tag>,
    written: Option<u64>,
    parts: Parts,
    keep: Option<Keep>,
}

/// How often each part is needed by what stays.
#[derive(Default)]
struct Needs {
    counts: BTreeMap<ImageDigest, (usize, u64)>,
    bytes: u64,
}

impl Needs {
    fn add(&mut self, parts: &Parts) {
        for (digest, bytes) in parts {
            let (count, _) = self.counts.entry(digest.clone()).or_insert((0, *bytes));
            *count += 1;
            if *count == 1 {
                self.bytes += bytes;
            }
        }
    }

    fn remove(&mut self, parts: &Parts) {
        for digest in parts.keys() {
            if let Some((count, bytes)) = self.counts.get_mut(digest) {
                *count -= 1;
                if *count == 0 {
                    self.bytes -= *bytes;
                }
            }
        }
    }

    fn holds(&self, digest: &ImageDigest) -> bool {
        self.counts.get(digest).is_some_and(|(count, _)| *count > 0)
    }
}

/// Decides what to delete: least recently written first until the rest fits the budget.
///
/// Nothing goes that is kept, published, or younger than the grace window, nor anything that these need; nothing goes
/// whose going frees no byte.
pub fn collect(question: &Question<'_>) -> Collection {
    let groups = groups(question);
    let mut needs = Needs::default();
    for group in &groups {
        needs.add(&group.parts);
    }
    let before = needs.bytes;
    let mut order: Vec<&Group> = groups.iter().filter(|group| group.keep.is_none()).collect();
    order.sort_by(|a, b| (a.written, &a.digest).cmp(&(b.written, &b.digest)));

    let mut gone: Vec<&Group> = Vec::new();
    for group in order {
        if needs.bytes <= question.budget {
            break;
        }
        needs.remove(&group.parts);
        gone.push(group);
    }
    // Whatever is still there because of others may keep its name; the youngest have the first claim.
    let mut kept: BTreeMap<Tag, Keep> = BTreeMap::new();
    gone = gone
        .into_iter()
        .rev()
        .filter(|group| {
            let stays = group.parts.keys().all(|digest| needs.holds(digest));
            if stays {
                needs.add(&group.parts);
                kept.extend(group.tags.iter().map(|tag| (tag.clone(), Keep::Shared)));
            }
            !stays
        })
        .collect();
    gone.reverse();
    for group in &groups {
        if let Some(keep) = group.keep {
            kept.extend(group.tags.iter().map(|tag| (tag.clone(), keep)));
        }
    }
    let after = needs.bytes;
    let mut removals = removals(&groups, &gone);
    removals.extend(orphans(question.inventory, &needs, &groups));
    Collection { removals, kept, before, after }
}

/// The order in which removals can be carried out: what needs another goes before it, for registries refuse to take away
/// a part of what is there.
pub fn deletion_order<'r>(inventory: &Inventory, removals: &'r [Removal]) -> Vec<&'r Removal> {
    let attachments = inventory.attachments();
    let parts: Vec<Parts> =
        removals.iter().map(|removal| inventory.reach(&removal.digest, &attachments)).collect();
    let own: BTreeSet<&ImageDigest> = removals.iter().map(|removal| &removal.digest).collect();
    let mut needed_by: BTreeMap<&ImageDigest, Vec<usize>> = BTreeMap::new();
    for (at, parts) in parts.iter().enumerate() {
        for part in parts.keys().filter(|part| **part != removals[at].digest && own.contains(part)) {
            needed_by.entry(part).or_default().push(at);
        }
    }
    let (mut order, mut seen) = (Vec::new(), BTreeSet::new());
    for (at, removal) in removals.iter().enumerate() {
        // Whoever needs something needs what that needs: one step is all of them, the largest first.
        let mut above = needed_by.get(&removal.digest).cloned().unwrap_or_default();
        above.sort_by_key(|above| std::cmp::Reverse(parts[*above].len()));
        order.extend(above.into_iter().chain([at]).filter(|at| seen.insert(*at)));
    }
    order.into_iter().map(|at| &removals[at]).collect()
}

/// Attachments go with the last manifest that they are attached to; their bytes were counted there.
fn orphans(inventory: &Inventory, needs: &Needs, groups: &[Group]) -> Vec<Removal> {
    let own: BTreeSet<&ImageDigest> = groups.iter().map(|group| &group.digest).collect();
    let mut found: BTreeMap<&ImageDigest, Removal> = BTreeMap::new();
    for (tag, tagged) in &inventory.tags {
        if own.contains(&tagged.digest) || needs.holds(&tagged.digest) {
            continue;
        }
        let removal = found.entry(&tagged.digest).or_insert_with(|| Removal {
            digest: tagged.digest.clone(),
            tags: Vec::new(),
            written: tagged.written,
            frees: 0,
        });
        removal.tags.push(tag.clone());
    }
    found.into_values().collect()
}

/// Counts again, in the order of deletion, what each one frees.
fn removals(groups: &[Group], gone: &[&Group]) -> Vec<Removal> {
    let mut needs = Needs::default();
    for group in groups {
        needs.add(&group.parts);
    }
    gone.iter()
        .map(|group| {
            let before = needs.bytes;
            needs.remove(&group.parts);
            Removal {
                digest: group.digest.clone(),
                tags: group.tags.clone(),
                written: group.written,
                frees: before - needs.bytes,
            }
        })
        .collect()
}

fn groups(question: &Question<'_>) -> Vec<Group> {
    let inventory = question.inventory;
    let attachments = inventory.attachments();
    let attached: BTreeSet<&ImageDigest> = attachments
        .iter()
        .filter(|(subject, _)| inventory.manifests.contains_key(*subject))
        .flat_map(|(_, found)| found)
        .collect();
    let mut by_digest: BTreeMap<&ImageDigest, Vec<&Tag>> = BTreeMap::new();
    for (tag, tagged) in &inventory.tags {
        by_digest.entry(&tagged.digest).or_default().push(tag);
    }
    let group = |(digest, tags): (&ImageDigest, Vec<&Tag>)| {
        // A manifest is as old as the newest of its names, and of unknown age if that of any is unknown.
        let dates: Option<Vec<u64>> =
            tags.iter().filter_map(|tag| inventory.tags.get(*tag)).map(|tagged| tagged.written).collect();
        let written = dates.and_then(|dates| dates.into_iter().max());
        let parts = inventory.reach(digest, &attachments);
        let keep = keep(question, &tags, written, &parts);
        Group { digest: digest.clone(), tags: tags.into_iter().cloned().collect(), written, parts, keep }
    };
    by_digest.into_iter().filter(|(digest, _)| !attached.contains(digest)).map(group).collect()
}

fn keep(question: &Question<'_>, tags: &[&Tag], written: Option<u64>, parts: &Parts) -> Option<Keep> {
    if let Some(keep) = tags.iter().filter_map(|tag| question.kept.get(*tag)).min() {
        return Some(*keep);
    }
    if parts.keys().any(|digest| question.published.contains(digest)) {
        return Some(Keep::Published);
    }
    match written {
        Some(written) if written.saturating_add(question.grace) > question.now => Some(Keep::Young),
        None => Some(Keep::Undated),
        Some(_) => None,
    }
}
