//! Directories that this process works in; what others left in theirs is removed.

use crate::session::{Session, utf8};
use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use store::OwnedDir;

/// A directory that goes with this value, however the process ends: what a killed one leaves is collected by the next build,
/// by `cache gc` and by `clean`.
#[derive(Debug)]
pub struct Workplace {
    dir: Utf8PathBuf,
    _owned: OwnedDir,
}

impl Workplace {
    /// An empty directory of that name, or nearly.
    pub fn new(session: &Session, name: &str) -> Result<Self> {
        Self::of(OwnedDir::beside(session.work()?.as_std_path(), name)?)
    }

    /// An empty directory of exactly that name below one of [`Session::work`]'s kind. Who else has it is waited for.
    pub fn claim(session: &Session, parent: &Utf8Path, name: &str) -> Result<Self> {
        let wait = |pid| {
            session.ui.note(&format!("waiting for another build in {}{}", parent.join(name), process(pid)));
        };
        Self::of(OwnedDir::claim(parent.as_std_path(), name, wait)?)
    }

    fn of(owned: OwnedDir) -> Result<Self> {
        Ok(Self { dir: utf8(owned.path().to_owned())?, _owned: owned })
    }

    /// Where it is.
    pub fn dir(&self) -> &Utf8Path {
        &self.dir
    }
}

/// Another process, for people.
pub fn process(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (process {pid})"))
}

/// Removes what builds have left that were killed.
pub fn collect(session: &Session) -> Result<()> {
    for dir in [session.work()?, session.own_work()] {
        for (path, bytes) in store::collect_abandoned(dir.as_std_path())? {
            let path = path.display();
            session.ui.detail(&format!("removed {path} ({} MiB), whose owner is gone", bytes >> 20));
        }
    }
    Ok(())
}
