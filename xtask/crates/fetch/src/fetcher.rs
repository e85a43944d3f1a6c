//! The one way to a source tree.

use crate::download::Downloads;
use crate::error::{Attempt, Exhausted, FetchError, MirrorError};
use crate::identity::directory_name;
use crate::io_error::IoError;
use crate::lock::lock;
use crate::mirror::{self, Job, Place};
use crate::patch::{self, Patch};
use crate::patience::Transfer;
use crate::report::{Event, Reporter};
use crate::select::Exclude;
use crate::tree::tree_digest;
use crate::unpack::Limits;
use camino::{Utf8Path, Utf8PathBuf};
use model::digest::Digest;
use model::name::PinName;
use model::source::Pin;
use std::collections::BTreeMap;
use std::fs;
use store::shared::{self, Found, Lease};

/// Fetches pins into one cache directory.
pub struct Fetcher<'a> {
    /// The cache: trees, downloads, git objects, locks.
    pub dir: Utf8PathBuf,
    /// Where relative mirror paths start.
    pub repo_root: Utf8PathBuf,
    /// Where `patches` start: the same, unless somebody has copied them to where nobody edits them.
    pub patches: Utf8PathBuf,
    /// Is the network forbidden?
    pub offline: bool,
    /// How patient transfers are.
    pub transfer: Transfer,
    /// What an archive may cost.
    pub limits: Limits,
    /// Where apt's own sources are described.
    pub apt_etc: Utf8PathBuf,
    /// Local copies that the user points at, tried first; they are verified like any mirror.
    pub overrides: BTreeMap<PinName, Utf8PathBuf>,
    /// Who hears about progress.
    pub reporter: &'a dyn Reporter,
}

/// A tree that is ready for use. It is shared: nobody writes in it, and nobody removes it as long as this value lives.
#[derive(Debug)]
pub struct Tree {
    /// Its directory.
    pub path: Utf8PathBuf,
    /// What keeps it there.
    pub lease: Lease,
    /// Was it there already?
    pub warm: bool,
}

/// The variable that points at a local copy of a pin: `XTASK_SOURCE_LLAMA_CPP` for `llama.cpp`.
pub fn override_variable(pin: &PinName) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("XTASK_SOURCE_{}", pin.as_str().chars().map(letter).collect::<String>())
}

impl<'a> Fetcher<'a> {
    /// A fetcher with the usual limits and no overrides.
    pub fn new(dir: Utf8PathBuf, repo_root: Utf8PathBuf, offline: bool, reporter: &'a dyn Reporter) -> Self {
        let (transfer, limits) = (Transfer::default(), Limits::default());
        let (apt_etc, overrides) = ("/etc/apt".into(), BTreeMap::new());
        let patches = repo_root.clone();
        Self { dir, repo_root, patches, offline, transfer, limits, apt_etc, overrides, reporter }
    }

    /// Where the tree of `pin` lies, or will lie. Reads the pin's patches, nothing else.
    pub fn path(&self, pin: &Pin) -> Result<Utf8PathBuf, FetchError> {
        Ok(self.dir.join(directory_name(pin, &patch::read(&self.patches, pin)?)))
    }

    /// The tree of `pin`: at once if it is in the cache, else from the first mirror that has it.
    pub fn ensure(&self, pin: &Pin) -> Result<Tree, FetchError> {
        let patches = patch::read(&self.patches, pin)?;
        let path = self.dir.join(directory_name(pin, &patches));
        if let Found::Sound(lease) = shared::lease(path.as_std_path())? {
            return Ok(Tree { path, lease, warm: true });
        }
        let waiting = || self.reporter.report(&Event::Waiting { pin: &pin.name });
        let _guard = lock(&self.lock_path(pin), waiting)?;
        match shared::lease(path.as_std_path())? {
            Found::Sound(lease) => return Ok(Tree { path, lease, warm: true }),
            Found::Changed(file) => self.reporter.report(&Event::Changed { pin: &pin.name, file: &file }),
            Found::Unsealed => {}
        }
        // Under the lock, whatever lies there is no source, or one that was changed.
        shared::discard(path.as_std_path(), || self.reporter.report(&Event::InUse { pin: &pin.name }))?;
        let lease = self.fetch(pin, &patches, &path)?;
        Ok(Tree { path, lease, warm: false })
    }

    /// One process at a time works on a pin.
    pub(crate) fn lock_path(&self, pin: &Pin) -> Utf8PathBuf {
        self.dir.join("locks").join(format!("{}.lock", pin.name))
    }

    /// Where work on a pin goes on; under its lock, whatever lies there is nobody's.
    pub(crate) fn stage(&self, pin: &Pin) -> Utf8PathBuf {
        self.dir.join("tmp").join(pin.name.as_str())
    }

    fn fetch(&self, pin: &Pin, patches: &[Patch], path: &Utf8Path) -> Result<Lease, FetchError> {
        let exclude = Exclude::of(pin);
        // Under the lock, whatever lies here was left by a process that died.
        let stage = self.stage(pin);
        discard(&stage)?;
        let tree = stage.join("tree");
        let mirror = self.first(pin, &exclude, &tree)?;
        patch::apply(pin, &tree, patches, &self.transfer)?;
        fs::rename(&tree, path).map_err(|e| IoError::new("moving the tree to", path, e))?;
        // The seal comes last: until then there is nothing that counts.
        let name = path.file_name().unwrap_or_default();
        let lease = shared::seal(path.as_std_path(), Digest::of(name.as_bytes()))?;
        discard(&stage)?;
        let (files, bytes) = (lease.files(), lease.bytes());
        self.reporter.report(&Event::Done { pin: &pin.name, mirror: &mirror, files, bytes });
        Ok(lease)
    }

    /// Fills `tree` from the first place that has the right bytes, and names it.
    fn first(&self, pin: &Pin, exclude: &Exclude, tree: &Utf8Path) -> Result<String, FetchError> {
        let mut attempts = Vec::new();
        for place in mirror::places(pin, self.overrides.get(&pin.name)) {
            let name = place.to_string();
            self.reporter.report(&Event::Trying { pin: &pin.name, mirror: &name });
            discard(tree)?;
            fs::create_dir_all(tree).map_err(|e| IoError::new("making the directory", tree, e))?;
            match self.populate(pin, exclude, &place, tree) {
                Ok(()) => return Ok(name),
                Err(error) if error.is_disk_full() => {
                    let (pin, dir) = (pin.name.clone(), self.dir.clone());
                    discard(tree)?;
                    return Err(FetchError::DiskFull { pin, dir, error: Box::new(error) });
                }
                // Nobody wants the next one any more.
                Err(error) if halt::stopped() => return Err(FetchError::Tool(Box::new(error))),
                Err(error) => {
                    let reason = error.to_string();
                    self.reporter.report(&Event::Failed { pin: &pin.name, mirror: &name, reason: &reason });
                    attempts.push(Attempt { mirror: name, error });
                }
            }
        }
        discard(tree)?;
        Err(FetchError::Exhausted(Box::new(Exhausted {
            pin: pin.name.clone(),
            version: pin.version.clone(),
            variable: override_variable(&pin.name),
            offline: self.offline,
            attempts,
        })))
    }

    fn populate(
        &self,
        pin: &Pin,
        exclude: &Exclude,
        place: &Place<'_>,
        tree: &Utf8Path,
    ) -> Result<(), MirrorError> {
        let proof = self.job(pin, exclude).populate(place, tree)?;
        let found = tree_digest(tree)?;
        match (&pin.tree, proof) {
            (Some(expected), _) if *expected == found.digest => Ok(()),
            (Some(expected), _) => Err(MirrorError::Digest {
                what: "its tree".to_owned(),
                expected: expected.clone(),
                found: found.digest,
            }),
            (None, mirror::Proof::Upstream) => Ok(()),
            (None, mirror::Proof::Itself) => Err(MirrorError::Unusable(format!(
                "nothing proves that it equals the upstream: add `tree: {}` to the pin after looking at it",
                found.digest
            ))),
        }
    }

    pub(crate) fn job<'j>(&'j self, pin: &'j Pin, exclude: &'j Exclude) -> Job<'j> {
        Job {
            pin,
            exclude,
            dir: &self.dir,
            repo_root: &self.repo_root,
            offline: self.offline,
            transfer: &self.transfer,
            apt_etc: &self.apt_etc,
            limits: &self.limits,
            downloads: Downloads::new(self.dir.join("downloads"), self.transfer, self.offline),
            reporter: self.reporter,
        }
    }
}

/// Removes a directory, if it is there.
pub(crate) fn discard(path: &Utf8Path) -> Result<(), IoError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(IoError::new("removing", path, error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variable_names_are_shell_names() {
        assert_eq!(override_variable(&"llama.cpp".parse().unwrap()), "XTASK_SOURCE_LLAMA_CPP");
        assert_eq!(override_variable(&"libgrpc++".parse().unwrap()), "XTASK_SOURCE_LIBGRPC__");
    }
}
