//! What a process was asked.

use crate::file;
use crate::stat::{Stat, now};
use std::ffi::OsStr;
use std::fs;
use std::io::IsTerminal;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What a shell keeps its own books in.
const OF_THE_SHELL: [&str; 3] = ["_", "OLDPWD", "SHLVL"];

/// Everything but files that the answer of a process may depend on.
#[derive(Debug)]
pub struct Question {
    /// Where its answer is kept.
    pub(crate) file: PathBuf,
    /// Stands for the question.
    pub(crate) key: blake3::Hash,
    /// The directory that the process was started in.
    pub(crate) here: PathBuf,
    /// When it was asked, in nanoseconds since 1970.
    pub(crate) began: i64,
}

impl Question {
    /// What this process was asked: this very program, in this environment and directory, on this machine since its last
    /// start, within this hour, since which no bucket of time has begun. None where the machine does not say when it
    /// started. Answers are kept in `dir`, the last one to the same arguments in the same directory.
    pub fn asked(dir: &Path) -> Option<Self> {
        let began = now();
        let here = std::env::current_dir().ok()?;
        let program = std::env::current_exe().ok()?;
        let stat = Stat::of(&fs::metadata(&program).ok()?);
        let arguments: Vec<_> = std::env::args_os().skip(1).collect();
        let mut place = blake3::Hasher::new();
        add(&mut place, std::iter::once(here.as_os_str()).chain(arguments.iter().map(AsRef::as_ref)));
        let mut environment: Vec<_> =
            std::env::vars_os().filter(|(name, _)| OF_THE_SHELL.iter().all(|of| name != of)).collect();
        environment.sort_unstable();
        let mut whole = place.clone();
        add(&mut whole, environment.iter().flat_map(|(name, value)| [name.as_ref(), value.as_ref()]));
        add(&mut whole, std::iter::once(program.as_os_str()));
        whole.update(&stat.to_bytes());
        whole.update(&fs::read("/proc/sys/kernel/random/boot_id").ok()?);
        whole.update(&(began / 3_600_000_000_000).to_le_bytes());
        whole.update(&[std::io::stdout().is_terminal().into(), std::io::stderr().is_terminal().into()]);
        let file = dir.join(&place.finalize().to_hex()[..32]);
        Some(Self { file, key: whole.finalize(), here, began })
    }

    /// The answer that was kept, if nothing has changed that it stands on.
    pub fn recall(&self) -> Option<Vec<u8>> {
        file::read(&fs::read(&self.file).ok()?, self)
    }
}

/// No part can be taken for two, nor the end of one list for the beginning of another.
fn add<'a>(hasher: &mut blake3::Hasher, parts: impl Iterator<Item = &'a OsStr>) {
    for part in parts {
        hasher.update(&part.len().to_le_bytes()).update(part.as_bytes());
    }
    hasher.update(&[0xff; 8]);
}
