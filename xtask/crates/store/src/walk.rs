//! Lists directories once, with what `lstat` says of every file in them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Context, Error, Result};
use crate::glob::{GlobSpec, Pattern};
use crate::parallel;
use crate::rel_path::{self, RelPath};
use crate::stat::Stat;

/// A file or link found by a walk.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub path: RelPath,
    pub stat: Stat,
    pub is_link: bool,
}

#[derive(Debug, Default)]
struct Listing {
    files: Vec<Found>,
    dirs: Vec<String>,
}

/// Walks one tree; a directory that several globs share is listed once.
#[derive(Debug)]
pub(crate) struct Walker {
    root: PathBuf,
    listings: Mutex<HashMap<String, Arc<Listing>>>,
}

impl Walker {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), listings: Mutex::default() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// What one include of a spec takes, unsorted.
    pub(crate) fn expand(&self, include: &Pattern, spec: &GlobSpec) -> Result<Vec<Found>> {
        if let Some(path) = include.literal() {
            return Ok(self.single(path)?.filter(|_| !spec.excludes(path)).into_iter().collect());
        }
        let base = include.base();
        if self.is_plain_dir(base)? { self.expand_below(base, include, spec) } else { Ok(Vec::new()) }
    }

    fn expand_below(&self, dir: &str, include: &Pattern, spec: &GlobSpec) -> Result<Vec<Found>> {
        let listing = self.list(dir)?;
        let takes = |file: &&Found| include.matches(file.path.as_str()) && !spec.excludes(file.path.as_str());
        let mut found: Vec<Found> = listing.files.iter().filter(takes).cloned().collect();
        let below: Vec<&String> =
            listing.dirs.iter().filter(|dir| include.may_match_below(dir) && !spec.prunes(dir)).collect();
        for more in parallel::map(&below, |dir| self.expand_below(dir, include, spec)) {
            found.extend(more?);
        }
        Ok(found)
    }

    fn single(&self, path: &str) -> Result<Option<Found>> {
        let full = self.root.join(path);
        match fs::symlink_metadata(&full).context("look at", &full) {
            Ok(meta) if meta.is_dir() => Ok(None),
            Ok(meta) => Ok(Some(Found {
                path: RelPath::join("", path),
                stat: Stat::of(&meta),
                is_link: meta.is_symlink(),
            })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// True for a directory that is reached without going through a link.
    fn is_plain_dir(&self, dir: &str) -> Result<bool> {
        let mut at = self.root.clone();
        for name in dir.split('/').filter(|name| !name.is_empty()) {
            at.push(name);
            match fs::symlink_metadata(&at).context("look at", &at) {
                Ok(meta) if meta.is_dir() => {}
                Ok(_) => return Ok(false),
                Err(error) if error.is_not_found() => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn list(&self, dir: &str) -> Result<Arc<Listing>> {
        let listings = || self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(listing) = listings().get(dir) {
            return Ok(Arc::clone(listing));
        }
        let listing = Arc::new(self.read_dir(dir)?);
        listings().insert(dir.to_owned(), Arc::clone(&listing));
        Ok(listing)
    }

    fn read_dir(&self, dir: &str) -> Result<Listing> {
        let full = self.root.join(dir);
        let mut listing = Listing::default();
        for entry in fs::read_dir(&full).context("list", &full)? {
            let entry = entry.context("list", &full)?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                let problem = "its name is not UTF-8".to_owned();
                return Err(Error::Unstorable { path: entry.path(), problem });
            };
            let kind = entry.file_type().context("look at", &full)?;
            match name {
                ".git" => {}
                // Cargo's and our own; by convention also any directory that calls itself a cache.
                "target" if dir.is_empty() && kind.is_dir() => {}
                "CACHEDIR.TAG" => return Ok(Listing::default()),
                _ if kind.is_dir() => listing.dirs.push(rel_path::join(dir, name)),
                _ => {
                    let meta = entry.metadata().context("look at", &full)?;
                    let (path, stat) = (RelPath::join(dir, name), Stat::of(&meta));
                    listing.files.push(Found { path, stat, is_link: kind.is_symlink() });
                }
            }
        }
        Ok(listing)
    }
}
