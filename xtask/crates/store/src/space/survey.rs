//! What a store holds, without touching it.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::Result;
use crate::layout::Layout;
use crate::space::listing::{bytes_below, list, modified};
use crate::store::Store;
use crate::tree::{self, TreeDoc};
use model::digest::Digest;
use model::key::Key;

/// One entry in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its key.
    pub key: Key,
    /// Whom it was built for.
    pub unit: String,
    /// When it was committed.
    pub created: SystemTime,
    /// When it was last looked up.
    pub used: SystemTime,
    /// How long the build took.
    pub built_in: Duration,
    /// Files in it.
    pub files: usize,
    /// Bytes in them.
    pub bytes: u64,
}

/// How much a store holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// Finished entries.
    pub entries: usize,
    /// Entries whose tree document is damaged.
    pub damaged: usize,
    /// Distinct contents.
    pub blobs: usize,
    /// Bytes in them.
    pub blob_bytes: u64,
    /// Bytes that garbage collection would free whatever the budget: contents that nothing needs, leftovers.
    pub reclaimable: u64,
    /// Caches that look after themselves, with their bytes.
    pub scratch: Vec<(String, u64)>,
}

impl Store {
    /// All sound entries, the last used first.
    pub fn ls(&self) -> Result<Vec<Summary>> {
        let mut listed: Vec<Summary> = entries(self.layout())?
            .into_iter()
            .filter_map(|held| {
                let tree = held.tree.ok()?;
                Some(Summary {
                    key: held.key,
                    created: UNIX_EPOCH + Duration::from_secs(tree.created),
                    used: held.used,
                    built_in: Duration::from_millis(tree.built_in_ms),
                    files: tree.files().count(),
                    bytes: tree.bytes(),
                    unit: tree.unit,
                })
            })
            .collect();
        listed.sort_by_key(|entry| (std::cmp::Reverse(entry.used), entry.key));
        Ok(listed)
    }

    /// Counts everything.
    pub fn stat(&self) -> Result<Usage> {
        let layout = self.layout();
        let (entries, blobs) = (entries(layout)?, blobs(layout)?);
        let sound = entries.iter().filter_map(|held| held.tree.as_ref().ok());
        let needed: std::collections::HashSet<Digest> =
            sound.flat_map(TreeDoc::files).map(|(digest, _)| digest).collect();
        let loose = blobs.iter().filter(|(digest, _)| !needed.contains(digest)).map(|(_, blob)| blob.bytes);
        let abandoned = crate::space::owned::abandoned(&layout.work())?;
        let mut scratch: Vec<_> =
            list(&layout.scratch())?.into_iter().map(|(name, path)| (name, bytes_below(&path))).collect();
        scratch.sort();
        Ok(Usage {
            entries: entries.iter().filter(|held| held.tree.is_ok()).count(),
            damaged: entries.iter().filter(|held| held.tree.is_err()).count(),
            blobs: blobs.len(),
            blob_bytes: blobs.values().map(|blob| blob.bytes).sum(),
            reclaimable: loose.sum::<u64>()
                + bytes_below(&layout.tmp())
                + abandoned.iter().map(|path| bytes_below(path)).sum::<u64>(),
            scratch,
        })
    }
}

/// An entry as it lies there.
pub(crate) struct Held {
    pub key: Key,
    pub used: SystemTime,
    /// The document, or what is wrong with it.
    pub tree: Result<TreeDoc, String>,
}

pub(crate) fn entries(layout: &Layout) -> Result<Vec<Held>> {
    let mut found = Vec::new();
    for (name, dir) in list(&layout.entries())? {
        // A name that is no key was not put there by a store.
        let Ok(key) = name.parse::<Key>() else { continue };
        let path = dir.join("tree.json");
        let used = modified(&path).unwrap_or(UNIX_EPOCH);
        let tree = match fs::read(&path) {
            Ok(bytes) => tree::parse(&bytes).map_err(|error| error.to_string()).and_then(|tree| {
                if tree.key == key { Ok(tree) } else { Err(format!("belongs to {:.12}", tree.key)) }
            }),
            // Evicted meanwhile.
            Err(_) if !dir.exists() => continue,
            Err(error) => Err(format!("cannot be read ({error})")),
        };
        found.push(Held { key, used, tree });
    }
    Ok(found)
}

/// A blob as it lies there.
pub(crate) struct Blob {
    pub path: PathBuf,
    pub bytes: u64,
    pub used: SystemTime,
}

pub(crate) fn blobs(layout: &Layout) -> Result<HashMap<Digest, Blob>> {
    let mut found = HashMap::new();
    for (_, shelf) in list(&layout.blobs())? {
        for (name, path) in list(&shelf)? {
            let Ok(digest) = name.parse() else { continue };
            let Ok(meta) = fs::metadata(&path) else { continue };
            let used = meta.modified().unwrap_or(UNIX_EPOCH);
            found.insert(digest, Blob { path, bytes: meta.len(), used });
        }
    }
    Ok(found)
}
