//! Where things lie in a store, and the marker that names its format.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::atomic;
use crate::error::{Context, Error, Result};
use model::digest::Digest;
use model::key::Key;

const FORMAT: u32 = 1;
const MARKER: &str = "xtask store format ";
/// The signature that backup programs look for.
const CACHEDIR_TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# Built packages; safe to delete.\n";

/// The paths of one store.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    /// Finds or makes the store below `dir`; another version's directory beside it is left alone.
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        let (layout, is_there) = Self::find(dir)?;
        if !is_there {
            for dir in [layout.root.clone(), layout.blobs(), layout.entries(), layout.locks(), layout.tmp()] {
                make_own(&dir)?;
            }
            atomic::write(&layout.root.join("CACHEDIR.TAG"), CACHEDIR_TAG.as_bytes())?;
            atomic::write(&layout.root.join("format"), format!("{MARKER}{FORMAT}\n").as_bytes())?;
        }
        Ok(layout)
    }

    /// The store below `dir`, and whether it is there.
    pub(crate) fn find(dir: &Path) -> Result<(Self, bool)> {
        let dir = std::path::absolute(dir).context("resolve", dir)?;
        let layout = Self { root: dir.join("v1") };
        for dir in [&layout.root, &layout.blobs(), &layout.entries()] {
            check_owner(dir)?;
        }
        let marker = layout.root.join("format");
        match fs::read_to_string(&marker) {
            Ok(text) => check_marker(&marker, &text).map(|()| (layout, true)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((layout, false)),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                Err(Error::Marker { path: marker })
            }
            Err(error) => Err(Error::io("read", &marker, error)),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    pub(crate) fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    pub(crate) fn blob(&self, digest: &Digest) -> PathBuf {
        let name = digest.to_hex();
        self.blobs().join(&name[..2]).join(name)
    }

    pub(crate) fn entries(&self) -> PathBuf {
        self.root.join("entries")
    }

    pub(crate) fn entry(&self, key: &Key) -> PathBuf {
        self.entries().join(key.to_string())
    }

    pub(crate) fn locks(&self) -> PathBuf {
        self.root.join("locks")
    }

    pub(crate) fn tmp(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// Caches that look after themselves.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.root.join("scratch")
    }

    /// Where processes have the directories that they work in.
    pub(crate) fn work(&self) -> PathBuf {
        self.scratch().join("work")
    }

    /// One of the directories, to be written into: made if somebody has tidied it away.
    pub(crate) fn made(dir: PathBuf) -> Result<PathBuf> {
        fs::create_dir_all(&dir).context("create", &dir)?;
        Ok(dir)
    }
}

/// Makes a directory that nobody else looks into, let alone writes.
fn make_own(dir: &Path) -> Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).context("create", dir)
}

/// What comes out of a cache is run: whoever may write there could have it be anything.
fn check_owner(dir: &Path) -> Result<()> {
    let meta = match fs::metadata(dir) {
        Ok(meta) => meta,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io("look at", dir, error)),
    };
    let (owner, own) = (meta.uid(), rustix::process::geteuid().as_raw());
    match meta.mode() & 0o022 {
        _ if owner != own => Err(Error::Foreign { path: dir.to_owned(), owner, own }),
        0 => Ok(()),
        _ => Err(Error::Shared { path: dir.to_owned() }),
    }
}

fn check_marker(path: &Path, text: &str) -> Result<()> {
    let damaged = || Error::Marker { path: path.to_owned() };
    let number = text.strip_prefix(MARKER).and_then(|rest| rest.strip_suffix('\n')).ok_or_else(damaged)?;
    match number.parse::<u32>().map_err(|_| damaged())? {
        FORMAT => Ok(()),
        found if found > FORMAT => Err(Error::Newer { path: path.to_owned(), found, known: FORMAT }),
        _ => Err(damaged()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_cache_that_others_may_write_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("v1");
        Layout::open(dir.path()).unwrap();
        assert_eq!(fs::metadata(&root).unwrap().mode() & 0o777, 0o700);
        let set = |mode| fs::set_permissions(&root, fs::Permissions::from_mode(mode)).unwrap();
        set(0o755);
        Layout::find(dir.path()).unwrap();
        for mode in [0o770, 0o702, 0o777] {
            set(mode);
            for used in [Layout::open(dir.path()).map(drop), Layout::find(dir.path()).map(drop)] {
                let error = used.unwrap_err().to_string();
                assert!(error.contains("chmod go-w"), "{error}");
            }
        }
        // A directory of somebody else in this user's own, where one can be had.
        set(0o755);
        for dir in [root.join("entries"), root.join("blobs"), root.clone()] {
            if std::os::unix::fs::chown(&dir, Some(4242), None).is_ok() {
                let error = Layout::open(&root.join("..")).unwrap_err().to_string();
                assert!(error.contains("belongs to user 4242"), "{error}");
                std::os::unix::fs::chown(&dir, Some(rustix::process::geteuid().as_raw()), None).unwrap();
            }
        }
    }

    #[test]
    fn makes_a_store_once_and_leaves_other_versions_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("v2")).unwrap();
        fs::write(dir.path().join("v2/format"), "whatever").unwrap();
        Layout::open(dir.path()).unwrap();
        Layout::open(dir.path()).unwrap();
        assert!(
            fs::read_to_string(dir.path().join("v1/CACHEDIR.TAG"))
                .unwrap()
                .starts_with("Signature: 8a477f59")
        );
        assert_eq!(fs::read_to_string(dir.path().join("v2/format")).unwrap(), "whatever");
    }

    #[test]
    fn a_newer_or_damaged_marker_is_an_error_that_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        Layout::open(dir.path()).unwrap();
        let marker = dir.path().join("v1/format");
        fs::write(&marker, "xtask store format 2\n").unwrap();
        let error = Layout::open(dir.path()).unwrap_err();
        assert!(matches!(error, Error::Newer { found: 2, known: 1, .. }));
        assert!(
            error.to_string().contains("update the program or choose another cache directory"),
            "{error}"
        );
        for damaged in ["", "xtask store format 0\n", "ytask store format 1\n", "xtask store format 1"] {
            fs::write(&marker, damaged).unwrap();
            assert!(matches!(Layout::open(dir.path()), Err(Error::Marker { .. })), "{damaged:?}");
        }
        fs::write(&marker, [0xff]).unwrap();
        assert!(matches!(Layout::open(dir.path()), Err(Error::Marker { .. })));
    }
}
