//! Reads everything in a store again.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use crate::error::Result;
use crate::inputs::hash;
use crate::parallel;
use crate::space::survey;
use crate::store::Store;
use crate::{entry, shared};
use model::digest::Digest;
use model::key::Key;

/// What `Store::verify` found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Entries looked at.
    pub entries: usize,
    /// Contents read.
    pub blobs: usize,
    /// Shared trees read.
    pub trees: usize,
    /// Bytes read.
    pub bytes: u64,
    /// What is not as it was stored; none in a sound store.
    pub problems: Vec<Problem>,
}

/// One thing that is not as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file at fault.
    pub file: PathBuf,
    /// The entry that it spoils, if any.
    pub entry: Option<Key>,
    /// What is wrong with it.
    pub problem: String,
    /// Whether it was removed.
    pub removed: bool,
}

impl Store {
    /// Hashes everything again. With `evict`, what is damaged is removed, so that it is built again when needed.
    pub fn verify(&self, evict: bool) -> Result<Verified> {
        let layout = self.layout();
        let (entries, blobs) = (survey::entries(layout)?, survey::blobs(layout)?);
        let mut report = Verified {
            entries: entries.len(),
            blobs: blobs.len(),
            bytes: blobs.values().map(|blob| blob.bytes).sum(),
            ..Verified::default()
        };
        let all: Vec<_> = blobs.iter().collect();
        let judged = parallel::map(&all, |(digest, blob)| match hash::file(&blob.path, blob.bytes) {
            Ok(found) if found == **digest => None,
            Ok(_) => Some((**digest, "is not what was stored".to_owned())),
            Err(error) => Some((**digest, error.to_string())),
        });
        let bad: HashMap<Digest, String> = judged.into_iter().flatten().collect();
        for (digest, problem) in &bad {
            let removed = evict && fs::remove_file(&blobs[digest].path).is_ok();
            let (file, problem) = (blobs[digest].path.clone(), problem.clone());
            report.problems.push(Problem { file, entry: None, problem, removed });
        }
        for held in entries {
            let dir = layout.entry(&held.key);
            let found = match &held.tree {
                Err(problem) => Some((dir.join("tree.json"), problem.clone())),
                Ok(tree) => match fs::read(dir.join("key.json")) {
                    Ok(bytes) if Digest::of(&bytes) == tree.key_document => {
                        tree.files().find_map(|(digest, _)| {
                            let missing = (!blobs.contains_key(&digest)).then(|| "is missing".to_owned());
                            Some((layout.blob(&digest), missing.or_else(|| bad.get(&digest).cloned())?))
                        })
                    }
                    Ok(_) => Some((dir.join("key.json"), "is not what was stored".to_owned())),
                    Err(error) => Some((dir.join("key.json"), format!("cannot be read ({error})"))),
                },
            };
            if let Some((file, problem)) = found {
                let removed = evict && entry::evict(layout, &held.key).is_ok();
                report.problems.push(Problem { file, entry: Some(held.key), problem, removed });
            }
        }
        for (tree, _) in shared::all(&layout.scratch())? {
            let (changed, bytes) = shared::verify(&tree)?;
            report.trees += 1;
            report.bytes += bytes;
            if let Some(file) = changed {
                let removed = evict && shared::attempt_discard(&tree, false)?;
                let problem = "was changed since it was verified".to_owned();
                report.problems.push(Problem { file, entry: None, problem, removed });
            }
        }
        report.problems.sort_by(|a, b| (&a.file, a.entry).cmp(&(&b.file, b.entry)));
        Ok(report)
    }
}
