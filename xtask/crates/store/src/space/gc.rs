//! Garbage collection: what nothing needs, then what was not used for longest, until the rest fits the budget.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::atomic;
use crate::error::{Context, Result};
use crate::layout::Layout;
use crate::lock::Alone;
use crate::shared;
use crate::space::listing;
use crate::space::owned;
use crate::space::survey::{self, Blob};
use crate::store::Store;
use crate::tree::TreeDoc;
use model::digest::Digest;
use model::key::Key;

/// No small file takes this long to write: one of this age that never got its name has lost its writer.
const ABANDONED: Duration = Duration::from_hours(1);

/// A stat cache or an answer of this age belongs to a working copy that is gone, or that pays once with reading its files.
const FORGOTTEN: Duration = Duration::from_hours(24 * 30);

/// What to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Bytes of content that may stay.
    pub budget: u64,
    /// What was used within this time stays, even over budget.
    pub grace: Duration,
    /// Only say what would be removed.
    pub dry_run: bool,
}

/// What was removed, or would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Collected {
    /// Every single thing, in order of removal.
    pub removed: Vec<Removed>,
    /// Bytes freed by it.
    pub freed: u64,
    /// Bytes of content that stay.
    pub kept: u64,
    /// What would go if no process used it.
    pub in_use: Vec<What>,
}

/// One thing that was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// What it was.
    pub what: What,
    /// Why it went.
    pub reason: Reason,
    /// Bytes freed; what other entries share is counted with the last of them to go.
    pub bytes: u64,
}

/// A kind of thing that a store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A package.
    Entry {
        /// Its key.
        key: Key,
        /// Whom it was built for; empty where its document is damaged.
        unit: String,
    },
    /// Content.
    Blob(Digest),
    /// A [shared](crate::shared) tree.
    Tree(PathBuf),
    /// What a killed process left.
    Leftover(PathBuf),
}

/// Why something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Not used for longest, and the budget was exceeded.
    OverBudget,
    /// Nothing needs it.
    Unreachable,
    /// It cannot be read.
    Damaged,
    /// The process that was writing it is gone.
    Abandoned,
}

impl Store {
    /// Collects garbage. Refuses with `Error::Busy` while another process is writing; what is being read stays, and so do
    /// the `wanted` ones of the shared trees.
    pub fn gc(&self, policy: Policy, wanted: &HashSet<PathBuf>) -> Result<Collected> {
        let layout = self.layout();
        let _alone = if policy.dry_run { None } else { Some(Alone::begin(&layout.lock())?) };
        Collector::new(layout, policy)?.run(wanted)
    }
}

/// An entry, which is kept or goes as a whole.
struct Item {
    key: Key,
    unit: String,
    used: SystemTime,
    blobs: HashSet<Digest>,
    damaged: bool,
}

impl Item {
    fn what(&self) -> What {
        What::Entry { key: self.key, unit: self.unit.clone() }
    }
}

struct Collector<'a> {
    layout: &'a Layout,
    policy: Policy,
    now: SystemTime,
    blobs: HashMap<Digest, Blob>,
    /// How many items need each blob.
    needed: HashMap<Digest, usize>,
    items: Vec<Item>,
    report: Collected,
}

impl<'a> Collector<'a> {
    fn new(layout: &'a Layout, policy: Policy) -> Result<Self> {
        let mut items = Vec::new();
        for held in survey::entries(layout)? {
            let damaged = held.tree.is_err();
            let blobs = held.tree.iter().flat_map(TreeDoc::files).map(|(digest, _)| digest).collect();
            let unit = held.tree.map(|tree| tree.unit).unwrap_or_default();
            items.push(Item { key: held.key, unit, used: held.used, blobs, damaged });
        }
        items.sort_by_key(|item| item.used);
        let mut needed = HashMap::new();
        for digest in items.iter().flat_map(|item| &item.blobs) {
            *needed.entry(*digest).or_default() += 1;
        }
        let (now, blobs) = (SystemTime::now(), survey::blobs(layout)?);
        Ok(Self { layout, policy, now, blobs, needed, items, report: Collected::default() })
    }

    fn run(mut self, wanted: &HashSet<PathBuf>) -> Result<Collected> {
        let size = |digest: &Digest| self.blobs.get(digest).map_or(0, |blob| blob.bytes);
        let mut total: u64 = self.needed.keys().map(size).sum();
        for item in std::mem::take(&mut self.items) {
            let over = total > self.policy.budget && !self.is_recent(item.used);
            if item.damaged {
                self.drop_item(&item, Reason::Damaged)?;
            } else if over {
                total -= self.drop_item(&item, Reason::OverBudget)?;
            }
        }
        self.sweep_blobs()?;
        self.sweep_trees(wanted)?;
        self.sweep_leftovers()?;
        self.report.freed = self.report.removed.iter().map(|removed| removed.bytes).sum();
        self.report.kept = self.blobs.values().map(|blob| blob.bytes).sum();
        Ok(self.report)
    }

    /// Drops an entry unless it is in use; returns the bytes of content that nothing else needs.
    fn drop_item(&mut self, item: &Item, reason: Reason) -> Result<u64> {
        if !self.drop_entry(&item.key)? {
            self.report.in_use.push(item.what());
            return Ok(0);
        }
        let mut bytes = 0;
        for digest in &item.blobs {
            let Some(count) = self.needed.get_mut(digest) else { continue };
            *count -= 1;
            if *count == 0 {
                self.needed.remove(digest);
                if let Some(blob) = self.blobs.remove(digest) {
                    bytes += blob.bytes;
                    self.remove(&blob.path)?;
                }
            }
        }
        self.report.removed.push(Removed { what: item.what(), reason, bytes });
        Ok(bytes)
    }

    /// False if a process holds the entry.
    fn drop_entry(&self, key: &Key) -> Result<bool> {
        let place = self.layout.entry(key);
        let held = File::open(place.join("tree.json"));
        if held.as_ref().is_ok_and(|file| file.try_lock().is_err()) {
            return Ok(false);
        }
        if !self.policy.dry_run {
            // In one step out of sight; what is left of it after a kill is a leftover.
            let aside = Layout::made(self.layout.tmp())?.join(format!("evicted-{key}"));
            fs::rename(&place, &aside).context("evict", &place)?;
            self.remove(&aside)?;
        }
        Ok(true)
    }

    fn sweep_blobs(&mut self) -> Result<()> {
        let loose = |(digest, blob): (&Digest, &Blob)| {
            (!self.needed.contains_key(digest) && !self.is_recent(blob.used)).then_some(*digest)
        };
        let mut loose: Vec<Digest> = self.blobs.iter().filter_map(loose).collect();
        loose.sort_unstable();
        for digest in loose {
            let Some(blob) = self.blobs.remove(&digest) else { continue };
            self.remove(&blob.path)?;
            let what = What::Blob(digest);
            self.report.removed.push(Removed { what, reason: Reason::Unreachable, bytes: blob.bytes });
        }
        if !self.policy.dry_run {
            // Only the empty ones can be.
            listing::list(&self.layout.blobs())?.iter().for_each(|(_, shelf)| drop(fs::remove_dir(shelf)));
        }
        Ok(())
    }

    /// Shared trees are made again from elsewhere: they are no content that counts.
    fn sweep_trees(&mut self, wanted: &HashSet<PathBuf>) -> Result<()> {
        for (tree, used) in shared::all(&self.layout.scratch())? {
            if wanted.contains(&tree) || self.is_recent(used) {
                continue;
            }
            let bytes = listing::bytes_below(&tree);
            if shared::attempt_discard(&tree, self.policy.dry_run)? {
                let what = What::Tree(tree);
                self.report.removed.push(Removed { what, reason: Reason::Unreachable, bytes });
            } else {
                self.report.in_use.push(What::Tree(tree));
            }
        }
        Ok(())
    }

    /// Whoever writes into `tmp` holds the root lock, and whoever needs a key or place lock holds that.
    fn sweep_leftovers(&mut self) -> Result<()> {
        let mut leftovers = listing::list(&self.layout.tmp())?;
        leftovers.extend(listing::list(&self.layout.locks())?.into_iter().filter(|(_, path)| {
            File::open(path).is_ok_and(|file| {
                let free = file.try_lock().is_ok();
                // Removed under the lock: a process that has it open already sees that it is gone and starts over.
                free && (self.policy.dry_run || fs::remove_file(path).is_ok())
            })
        }));
        for dir in ["", "stat", "memo", "last"].map(|name| self.layout.root().join(name)) {
            let abandoned = |(name, path): &(String, PathBuf)| {
                let age = self.now.duration_since(listing::modified(path)?).ok()?;
                let forgotten = (dir.ends_with("stat") || dir.ends_with("memo")) && age > FORGOTTEN;
                Some(forgotten || name.starts_with(atomic::PREFIX) && age > ABANDONED)
            };
            leftovers.extend(listing::list(&dir)?.into_iter().filter(|item| abandoned(item) == Some(true)));
        }
        leftovers.sort();
        let mut removed = Vec::new();
        for (_, path) in leftovers {
            let bytes = listing::bytes_below(&path);
            self.remove(&path)?;
            removed.push((path, bytes));
        }
        let work = self.layout.work();
        removed.extend(if self.policy.dry_run {
            let abandoned = owned::abandoned(&work)?.into_iter();
            abandoned.map(|path| (path.clone(), listing::bytes_below(&path))).collect()
        } else {
            owned::collect_abandoned(&work)?
        });
        let leftover =
            |(path, bytes)| Removed { what: What::Leftover(path), reason: Reason::Abandoned, bytes };
        self.report.removed.extend(removed.into_iter().map(leftover));
        Ok(())
    }

    fn remove(&self, path: &Path) -> Result<()> {
        if self.policy.dry_run { Ok(()) } else { owned::remove(path) }
    }

    fn is_recent(&self, used: SystemTime) -> bool {
        self.now.duration_since(used).unwrap_or_default() < self.policy.grace
    }
}
