//! From globs to digests: what a build reads, file by file.

pub(crate) mod belonging;
pub(crate) mod glob;
pub(crate) mod hash;
pub(crate) mod stage;
pub(crate) mod stat_cache;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::error::{Context, Error, Result};
use crate::inputs::belonging::Belonging;
use crate::inputs::glob::GlobSpec;
use crate::inputs::stat_cache::{Ignored, StatCache};
use crate::inputs::walk::{Found, Walker};
use crate::parallel;
use crate::rel_path::RelPath;
use memo::Stat;
use model::digest::Digest;

/// What one input holds, as far as it can change an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A file.
    File {
        /// Of its bytes.
        digest: Digest,
        /// Whether its owner may run it.
        executable: bool,
    },
    /// A symbolic link, never followed.
    Link {
        /// The text of the link.
        target: String,
    },
}

/// One input.
pub type Input = (RelPath, Content);

/// What was read of a file that the stat cache did not know.
type Read = (RelPath, Stat, Digest);

/// The inputs that a glob spec names, sorted by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Every file and link, sorted by the bytes of its path.
    pub files: Vec<Input>,
    /// Includes that match nothing: most likely a mistake in the manifest.
    pub unmatched: Vec<String>,
}

/// Hashes the inputs under one root; one scan sees each directory as it was when first listed.
///
/// `.git`, the root's `target` and every directory that holds a `CACHEDIR.TAG` are skipped; links are recorded,
/// never followed.
#[derive(Debug)]
pub struct Scan {
    walker: Walker,
    cache: StatCache,
    read: Mutex<Vec<Read>>,
    began: i64,
}

impl Scan {
    /// Starts a scan of what belongs to the tree at `root`; its stat cache is kept in `cache_file`.
    pub fn new(root: &Path, cache_file: &Path, belonging: Box<dyn Belonging>) -> Self {
        Self {
            walker: Walker::new(root, belonging),
            cache: StatCache::load(cache_file, root),
            read: Mutex::default(),
            began: memo::now(),
        }
    }

    /// Files that were passed over because their names are not UTF-8, in the directories that were listed.
    pub fn unnamed(&self) -> Vec<PathBuf> {
        self.walker.unnamed()
    }

    /// Why an existing stat cache was not used.
    pub fn ignored(&self) -> Option<Ignored> {
        self.cache.ignored()
    }

    /// Expands globs to a sorted list of files and links.
    pub fn collect(&self, spec: &GlobSpec) -> Result<Vec<RelPath>> {
        Ok(self.expand(spec)?.0.into_iter().map(|found| found.path).collect())
    }

    /// Expands globs and hashes what they name.
    pub fn hash(&self, spec: &GlobSpec) -> Result<Inputs> {
        let (found, unmatched) = self.expand(spec)?;
        let (mut files, mut unread) = (Vec::with_capacity(found.len()), Vec::new());
        let mut hint = 0;
        for found in found {
            memo::saw_as(self.walker.root(), found.path.as_str(), found.stat);
            match self.cache.get(found.path.as_str(), &found.stat, &mut hint) {
                Some(digest) => files.push(in_file(found.path, &found.stat, digest)),
                _ => unread.push(found),
            }
        }
        if !unread.is_empty() {
            files.extend(self.read_all(&unread)?);
            files.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        }
        Ok(Inputs { files, unmatched })
    }

    /// Saves the digests of what had to be read; does nothing, and writes nothing, if all was known.
    pub fn save(mut self) -> Result<()> {
        let read = self.read.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.cache.record(read, self.began)
    }

    fn expand(&self, spec: &GlobSpec) -> Result<(Vec<Found>, Vec<String>)> {
        let (mut all, mut unmatched) = (Vec::new(), Vec::new());
        for (include, must_belong) in spec.includes() {
            let found = self.walker.expand(include, must_belong, spec)?;
            if found.is_empty() && must_belong {
                unmatched.push(include.text().to_owned());
            }
            all.extend(found);
        }
        all.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        all.dedup_by(|a, b| a.path == b.path);
        Ok((all, unmatched))
    }

    fn read_all(&self, unread: &[Found]) -> Result<Vec<Input>> {
        let results = parallel::map(unread, |found| self.read_one(found.clone()));
        // What went between listing and reading, as an editor's temporary file does, is no input any more.
        let there = results.into_iter().filter(|read| !read.as_ref().is_err_and(Error::is_not_found));
        let (contents, read): (Vec<_>, Vec<_>) = there.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        self.read.lock().unwrap_or_else(PoisonError::into_inner).extend(read.into_iter().flatten());
        Ok(contents)
    }

    fn read_one(&self, found: Found) -> Result<(Input, Option<Read>)> {
        let full = self.walker.root().join(found.path.as_str());
        if found.is_link {
            let target = std::fs::read_link(&full).context("read the link", &full)?;
            let target = target.into_os_string().into_string().map_err(|_| Error::Unstorable {
                path: full,
                problem: "it links to a name that is not UTF-8".to_owned(),
            })?;
            return Ok(((found.path, Content::Link { target }), None));
        }
        if !found.stat.is_file() {
            let problem = "it is neither a file, a directory nor a link".to_owned();
            return Err(Error::Unstorable { path: full, problem });
        }
        let digest = hash::file(&full, found.stat.size)?;
        let record = (found.path.clone(), found.stat, digest);
        Ok((in_file(found.path, &found.stat, digest), Some(record)))
    }
}

fn in_file(path: RelPath, stat: &Stat, digest: Digest) -> Input {
    (path, Content::File { digest, executable: stat.is_executable() })
}
