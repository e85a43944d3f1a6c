//! Where the native realm puts the places that a plan names.

use crate::environment::Sealed;
use crate::resolved::{BecomeRoot, Resolved};
use camino::{Utf8Path, Utf8PathBuf};
use model::arg::{Arg, Place};
use model::name::{Label, PinName};
use plan::cmd::Cmd;
use std::collections::BTreeMap;

/// A place that this unit was given no directory for.
#[derive(Debug, thiserror::Error)]
#[error("the plan names {0}, which this build has no directory for: a defect of the recipe")]
pub struct UnknownPlace(String);

/// Absolute directories of one unit.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// What the build directories, and links to the trees of pins and to the dependencies, stand below: the same paths
    /// from each other in every build and in containers, so that compiler caches are shared.
    pub work: Utf8PathBuf,
    /// Trees of the pins.
    pub sources: BTreeMap<PinName, Utf8PathBuf>,
    /// Where the unit collects its output.
    pub out: Utf8PathBuf,
    /// Caches are made below this one, by label.
    pub caches: Utf8PathBuf,
    /// Install prefixes of dependency units.
    pub deps: BTreeMap<Label, Utf8PathBuf>,
    /// Parallel jobs that a step may use.
    pub jobs: usize,
}

impl Places {
    /// Above all build directories.
    pub fn builds(&self) -> Utf8PathBuf {
        self.work.join("build")
    }

    /// A link to a tree that builds share, where compilers of this one find it.
    pub fn link(&self, kind: &str, name: &str, tree: &Utf8Path) -> std::io::Result<Utf8PathBuf> {
        let link = self.work.join(kind).join(name);
        fs_err::create_dir_all(self.work.join(kind))?;
        fs_err::os::unix::fs::symlink(tree, &link)?;
        Ok(link)
    }

    /// The directory of one place.
    pub fn of(&self, place: &Place) -> Result<Utf8PathBuf, UnknownPlace> {
        let unknown = || UnknownPlace(place.to_string());
        match place {
            Place::Build(label) => Ok(self.builds().join(label.as_str())),
            Place::Source(pin) => self.sources.get(pin).cloned().ok_or_else(unknown),
            Place::Out => Ok(self.out.clone()),
            Place::Cache(label) => Ok(self.caches.join(label.as_str())),
            Place::Dep(label) => self.deps.get(label).cloned().ok_or_else(unknown),
        }
    }

    /// Text with its places filled in.
    pub fn text(&self, arg: &Arg) -> Result<String, UnknownPlace> {
        arg.resolve(self.jobs, |place| self.of(place).map(Utf8PathBuf::into_string))
    }

    /// A path with its places filled in.
    pub fn path(&self, arg: &Arg) -> Result<Utf8PathBuf, UnknownPlace> {
        self.text(arg).map(Utf8PathBuf::from)
    }

    /// A command with its places filled in, its variables on top of those that its environment has.
    pub fn cmd(&self, cmd: &Cmd, sealed: &Sealed) -> Result<Resolved, UnknownPlace> {
        Resolved::of(cmd, sealed.variables(), BecomeRoot::Already, |arg| self.text(arg))
    }
}

/// Removes what tools would read as settings from the caches of a unit, which hold results and nothing else.
pub fn without_settings(places: &Places) -> std::io::Result<()> {
    for file in ["config.toml", "config", "credentials.toml", "credentials"] {
        match fs_err::remove_file(places.caches.join("cargo").join(file)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
