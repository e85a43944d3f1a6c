//! Places that may hold a pin's bytes, and how each is read.

mod archive;
mod cargo;
pub(crate) mod debian;
mod git;
mod path;
mod sdist;

pub(crate) use cargo::probe as probe_crate;
pub(crate) use debian::probe as probe_debian;
pub(crate) use git::url as git_url;
pub(crate) use sdist::same_digest;

use crate::download::Downloads;
use crate::error::MirrorError;
use crate::io_error::IoError;
use crate::patience::Transfer;
use crate::report::{Event, Reporter};
use crate::select::{Exclude, Selection};
use crate::unpack::{Limits, unpack_file};
use camino::{Utf8Path, Utf8PathBuf};
use model::source::{Mirror, Pin, Upstream};
use std::fmt;
use transfer::redact;

/// One place to look.
pub(crate) enum Place<'a> {
    /// A local copy that the user points at.
    Override(&'a Utf8Path),
    /// A mirror of the manifest.
    Mirror(&'a Mirror),
    /// Where it is published.
    Upstream(&'a Upstream),
}

/// What vouches for the bytes of a place, beside the pin's tree digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The upstream's own commit or digest.
    Upstream,
    /// At most a digest of the mirror's own.
    Itself,
}

/// All places in the order in which they are tried.
pub(crate) fn places<'a>(pin: &'a Pin, local: Option<&'a Utf8PathBuf>) -> Vec<Place<'a>> {
    let mut places: Vec<_> = local.into_iter().map(|path| Place::Override(path)).collect();
    places.extend(pin.mirrors.iter().map(Place::Mirror));
    places.push(Place::Upstream(&pin.upstream));
    places
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Override(path) => write!(f, "your copy {path}"),
            Self::Mirror(Mirror::Path { path }) => write!(f, "path {path}"),
            Self::Mirror(Mirror::Git { url }) => write!(f, "git mirror {}", redact(url)),
            Self::Mirror(Mirror::Archive { url, .. }) => write!(f, "archive {}", redact(url)),
            Self::Mirror(Mirror::PypiSdist { package, version, .. }) => {
                write!(f, "sdist of {package} {version} from PyPI")
            }
            Self::Mirror(Mirror::Crate { package, version, .. }) => write!(f, "crate {package} {version}"),
            Self::Upstream(Upstream::Crate { package, version, .. }) => {
                write!(f, "upstream crate {package} {version}")
            }
            Self::Mirror(Mirror::DebianSource { package, version, .. }) => {
                write!(f, "Debian source package {package} {version}")
            }
            Self::Upstream(Upstream::Git { url, .. }) => write!(f, "upstream git {}", redact(url)),
            Self::Upstream(Upstream::GitTag { url, tag, .. }) => {
                write!(f, "upstream git {} at {tag}", redact(url))
            }
            Self::Upstream(Upstream::Archive { url, .. }) => write!(f, "upstream archive {}", redact(url)),
        }
    }
}

/// All that a mirror needs to fill a tree.
pub(crate) struct Job<'a> {
    pub(crate) pin: &'a Pin,
    pub(crate) exclude: &'a Exclude,
    pub(crate) dir: &'a Utf8Path,
    pub(crate) repo_root: &'a Utf8Path,
    pub(crate) offline: bool,
    pub(crate) transfer: &'a Transfer,
    pub(crate) apt_etc: &'a Utf8Path,
    pub(crate) limits: &'a Limits,
    pub(crate) downloads: Downloads,
    pub(crate) reporter: &'a dyn Reporter,
}

impl Job<'_> {
    /// Fills the empty directory `tree` from `place`.
    pub(crate) fn populate(&self, place: &Place<'_>, tree: &Utf8Path) -> Result<Proof, MirrorError> {
        match place {
            Place::Override(path) => path::populate(self, path, tree),
            Place::Mirror(Mirror::Path { path }) => path::populate(self, path, tree),
            Place::Mirror(Mirror::Git { url })
            | Place::Upstream(Upstream::Git { url, .. } | Upstream::GitTag { url, .. }) => {
                git::populate(self, url, tree)
            }
            Place::Mirror(Mirror::Archive { url, sha256, subdir })
            | Place::Upstream(Upstream::Archive { url, sha256, subdir }) => {
                archive::populate(self, url, sha256, subdir, tree)
            }
            Place::Mirror(Mirror::PypiSdist { package, version, sha256, subdir }) => {
                sdist::populate(self, package, version, sha256, subdir, tree)
            }
            Place::Mirror(Mirror::Crate { package, version, sha256, subdir })
            | Place::Upstream(Upstream::Crate { package, version, sha256, subdir }) => {
                cargo::populate(self, package, version, sha256, subdir, tree)
            }
            Place::Mirror(Mirror::DebianSource { package, version, subdir }) => {
                debian::populate(self, package, version, subdir, tree)
            }
        }
    }

    /// Reports how far a download is.
    pub(crate) fn progress(&self, bytes: u64) {
        self.reporter.report(&Event::Progress { pin: &self.pin.name, bytes });
    }

    /// Unpacks `file`, whose entries lie `strip` directories deep, from `subdir`.
    pub(crate) fn unpack(
        &self,
        file: &Utf8Path,
        what: &str,
        strip: usize,
        subdir: &Utf8Path,
        tree: &Utf8Path,
    ) -> Result<(), MirrorError> {
        let selection = Selection { strip, subdir: subdir.to_owned(), exclude: self.exclude.clone() };
        let unpacked = unpack_file(file, tree, self.limits, &selection)
            .map_err(|error| MirrorError::Unpack { archive: what.to_owned(), error })?;
        if unpacked.files == 0 {
            return Err(MirrorError::Unusable(format!("{what} has no files below `{subdir}`")));
        }
        Ok(())
    }

    /// A private directory for programs that want one, removed with the guard.
    pub(crate) fn scratch(&self) -> Result<(tempfile::TempDir, Utf8PathBuf), MirrorError> {
        let stage = self.dir.join("tmp").join(self.pin.name.as_str());
        std::fs::create_dir_all(&stage).map_err(|e| IoError::new("making the directory", &stage, e))?;
        let made =
            tempfile::tempdir_in(&stage).map_err(|e| IoError::new("making a directory in", &stage, e))?;
        let path = Utf8PathBuf::from_path_buf(made.path().to_owned())
            .map_err(|path| MirrorError::Unusable(format!("{} is not UTF-8", path.display())))?;
        Ok((made, path))
    }
}
