//! Copies of inputs that hold exactly what was hashed.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::Path;

use crate::error::{Context, Result};
use crate::inputs::hash;
use crate::inputs::{Content, Input};
use crate::parallel;
use crate::rel_path::RelPath;
use memo::Stat;

/// Copies inputs from `root` into the empty directory `into`, digesting what is written. The answer names those that are
/// no longer what they were when they were hashed: with any, the copy is of no key.
pub fn stage(root: &Path, inputs: &[Input], into: &Path) -> Result<Vec<RelPath>> {
    let mut directories: BTreeSet<&str> = [""].into();
    directories.extend(inputs.iter().flat_map(|(path, _)| path.parents()));
    for directory in directories {
        let directory = into.join(directory);
        fs::create_dir_all(&directory).context("create", &directory)?;
    }
    let same = parallel::map(inputs, |input| one(root, input, into));
    let mut changed = Vec::new();
    for ((path, _), same) in inputs.iter().zip(same) {
        if !same? {
            changed.push(path.clone());
        }
    }
    Ok(changed)
}

/// Copies one input; whether it is what it was.
fn one(root: &Path, (path, content): &Input, into: &Path) -> Result<bool> {
    let (from, to) = (root.join(path.as_str()), into.join(path.as_str()));
    match content {
        Content::Link { target } => match fs::read_link(&from) {
            Ok(now) if now.to_str() == Some(target) => {
                symlink(target, &to).context("create the link", &to)?;
                Ok(true)
            }
            _ => Ok(false),
        },
        Content::File { digest, executable } => {
            // A link in its place is something else, wherever it leads.
            if !fs::symlink_metadata(&from).is_ok_and(|meta| meta.is_file()) {
                return Ok(false);
            }
            // It may go away, or become unreadable, between one call and the next.
            let Ok(mut source) = File::open(&from) else { return Ok(false) };
            let stat = Stat::of(&source.metadata().context("look at", &from)?);
            if !stat.is_file() || stat.is_executable() != *executable {
                return Ok(false);
            }
            let mode = if *executable { 0o755 } else { 0o644 };
            let target = OpenOptions::new().write(true).create_new(true).mode(mode).open(&to);
            let mut target = target.context("create", &to)?;
            Ok(hash::copy(&mut source, &from, &mut target, &to)? == *digest)
        }
    }
}
