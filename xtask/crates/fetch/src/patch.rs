//! Applies a pin's patches, in order, to a tree that nobody uses yet.

use crate::error::FetchError;
use crate::git;
use crate::io_error::IoError;
use crate::patience::Transfer;
use crate::run::{attempt, complaint};
use camino::{Utf8Path, Utf8PathBuf};
use halt::Run;
use model::source::Pin;
use model::text::path::PlainPath;
use std::process::Command;

/// A patch with its text: read once, so that what is applied is what the identity was computed from.
#[derive(Debug, Clone)]
pub struct Patch {
    /// Root-relative path, for messages.
    pub path: Utf8PathBuf,
    /// Its text.
    pub text: Vec<u8>,
}

/// Reads the patches of a pin.
pub fn read(repo_root: &Utf8Path, pin: &Pin) -> Result<Vec<Patch>, FetchError> {
    let one = |path: &PlainPath| {
        let full = repo_root.join(path);
        let text = std::fs::read(&full).map_err(|error| FetchError::PatchUnreadable {
            pin: pin.name.clone(),
            error: IoError::new("reading", &full, error),
        })?;
        Ok(Patch { path: path.to_path_buf(), text })
    };
    pin.patches.iter().map(one).collect()
}

/// Applies `patches` to `tree`. Git refuses patches that reach out of the tree; the user's git settings, which could
/// change whitespace, are not read.
pub(crate) fn apply(
    pin: &Pin,
    tree: &Utf8Path,
    patches: &[Patch],
    transfer: &Transfer,
) -> Result<(), FetchError> {
    for patch in patches {
        let mut command = Command::new("git");
        command.args(["apply", "--verbose", "--whitespace=nowarn", "-p1", "-"]).current_dir(tree);
        command.env("GIT_CEILING_DIRECTORIES", tree.parent().unwrap_or(tree));
        let run = Run::new(git::isolated(command)).input(patch.text.clone());
        let output =
            attempt("git", git::HINT, run, transfer.program).map_err(|e| FetchError::Tool(Box::new(e)))?;
        if !output.status.success() {
            return Err(FetchError::PatchRejected {
                pin: pin.name.clone(),
                version: pin.version.clone(),
                patch: patch.path.clone(),
                detail: complaint(&output.stderr),
            });
        }
    }
    Ok(())
}
