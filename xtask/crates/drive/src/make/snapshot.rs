//! What a build reads of the checkout, copied once and known to be what its key was made of.

use super::Keyed;
use crate::session::Session;
use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use plan::proto::CONTRACT;
use store::{Input, RelPath};

/// Copies of a unit's declared inputs, and of the patches of its pins, at their repository paths.
#[derive(Debug)]
pub struct Snapshot<'a> {
    /// Whose.
    pub keyed: &'a Keyed,
    dir: Utf8PathBuf,
}

impl<'a> Snapshot<'a> {
    /// Copies into the empty directory `dir`. With it come the files that somebody changed since they were measured: with
    /// any, the snapshot is not what the key names.
    pub fn take(session: &Session, keyed: &'a Keyed, dir: &Utf8Path) -> Result<(Self, Vec<RelPath>)> {
        fs_err::create_dir_all(dir)?;
        let inputs = dir.join("inputs");
        let mut changed = store::stage(session.root.as_std_path(), &keyed.inputs, inputs.as_std_path())?;
        if let Some(text) = &keyed.contract {
            // What was just copied in its place is what this was made of.
            fs_err::write(inputs.join(CONTRACT), &**text)?;
        }
        let patches = dir.join("patches");
        changed.extend(store::stage(session.root.as_std_path(), &keyed.patches, patches.as_std_path())?);
        Ok((Self { keyed, dir: dir.to_owned() }, changed))
    }

    /// The inputs.
    pub fn inputs(&self) -> Utf8PathBuf {
        self.dir.join("inputs")
    }

    /// The patches.
    pub fn patches(&self) -> Utf8PathBuf {
        self.dir.join("patches")
    }

    /// The files of the inputs that are in it.
    pub fn files(&self) -> impl Iterator<Item = &RelPath> {
        let inputs = self.inputs();
        let is_there = move |path: &&RelPath| inputs.join(path.as_str()).symlink_metadata().is_ok();
        self.keyed.inputs.iter().map(|(path, _): &Input| path).filter(is_there)
    }
}

/// Up to three of the files, for people.
pub fn named(files: &[RelPath]) -> String {
    let first: Vec<&str> = files.iter().take(3).map(RelPath::as_str).collect();
    let more = files.len() - first.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", first.join(", "))
}
