//! Lists directories once, with what `lstat` says of every file in them.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Context, Error, Result};
use crate::inputs::belonging::Belonging;
use crate::inputs::glob::{GlobSpec, Pattern};
use crate::parallel;
use crate::rel_path::{self, RelPath};
use memo::Stat;

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
    belonging: Box<dyn Belonging>,
    listings: Mutex<HashMap<String, Arc<Listing>>>,
    unnamed: Mutex<BTreeSet<PathBuf>>,
}

/// What one include of a spec takes.
struct Take<'a> {
    include: &'a Pattern,
    must_belong: bool,
    spec: &'a GlobSpec,
}

impl Walker {
    pub(crate) fn new(root: &Path, belonging: Box<dyn Belonging>) -> Self {
        Self { root: root.to_owned(), belonging, listings: Mutex::default(), unnamed: Mutex::default() }
    }

    /// Files that were passed over because their names are not UTF-8.
    pub(crate) fn unnamed(&self) -> Vec<PathBuf> {
        self.unnamed.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// What one include of a spec takes, unsorted.
    ///
    /// Of what merely lies there without belonging to the tree, only those that need not belong.
    pub(crate) fn expand(&self, include: &Pattern, must_belong: bool, spec: &GlobSpec) -> Result<Vec<Found>> {
        let take = Take { include, must_belong, spec };
        if let Some(path) = include.literal() {
            let found = self.single(path)?;
            return Ok(if found.is_some() && self.takes(&take, path)? {
                found.into_iter().collect()
            } else {
                Vec::new()
            });
        }
        let base = include.base();
        if self.is_plain_dir(base)? { self.expand_below(base, &take) } else { Ok(Vec::new()) }
    }

    fn takes(&self, take: &Take<'_>, path: &str) -> Result<bool> {
        let named = take.include.matches(path) && !take.spec.excludes(path);
        Ok(named && (!take.must_belong || self.belonging.has(path).map_err(Error::Belonging)?))
    }

    fn enters(&self, take: &Take<'_>, dir: &str) -> Result<bool> {
        let named = take.include.may_match_below(dir) && !take.spec.prunes(dir);
        Ok(named && (!take.must_belong || self.belonging.reaches(dir).map_err(Error::Belonging)?))
    }

    fn expand_below(&self, dir: &str, take: &Take<'_>) -> Result<Vec<Found>> {
        let listing = self.list(dir)?;
        let mut found = Vec::new();
        for file in &listing.files {
            if self.takes(take, file.path.as_str())? {
                found.push(file.clone());
            }
        }
        let mut below = Vec::new();
        for dir in &listing.dirs {
            if self.enters(take, dir)? {
                below.push(dir);
            }
        }
        for more in parallel::map(&below, |dir| self.expand_below(dir, take)) {
            found.extend(more?);
        }
        Ok(found)
    }

    fn single(&self, path: &str) -> Result<Option<Found>> {
        let full = self.root.join(path);
        memo::saw(&full);
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
            memo::saw(&at);
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
        memo::saw(&full);
        let mut listing = Listing::default();
        for entry in fs::read_dir(&full).context("list", &full)? {
            let entry = entry.context("list", &full)?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                // Neither a key nor a manifest could name it, and no build sees it.
                self.unnamed.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.path());
                continue;
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
