//! This machine's libraries: reads object files once, and the loader's configuration.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use model::platform::Platform;

use crate::closure::Lookup;
use crate::image::{self, Image, Machine};

const DEEPEST_INCLUDE: usize = 8;

/// Reads object files from disk and remembers them.
pub struct Disk {
    /// Which part of a fat file counts.
    platform: Platform,
    /// Paths outside this directory do not exist.
    within: Option<Utf8PathBuf>,
    seen: RefCell<BTreeMap<Utf8PathBuf, Option<Rc<Image>>>>,
}

impl Disk {
    /// Sees what a platform's loader would.
    pub fn new(platform: Platform) -> Self {
        Self { platform, within: None, seen: RefCell::default() }
    }

    /// Sees only what is in one directory.
    pub fn within(directory: &Utf8Path, platform: Platform) -> Self {
        Self { within: Some(directory.to_owned()), ..Self::new(platform) }
    }
}

impl Lookup for Disk {
    fn object(&self, path: &Utf8Path) -> Option<Rc<Image>> {
        if self.within.as_ref().is_some_and(|within| !path.starts_with(within)) {
            return None;
        }
        if let Some(known) = self.seen.borrow().get(path) {
            return known.clone();
        }
        // The loader passes over what it cannot open or read, so the search does too; the checks report bad files.
        let image = path.is_file().then(|| image::read_for(path, self.platform).ok()).flatten();
        let image = image.filter(|image| !matches!(image, Image::Data | Image::Fat(_))).map(Rc::new);
        self.seen.borrow_mut().insert(path.to_owned(), image.clone());
        image
    }

    fn real(&self, path: &Utf8Path) -> Utf8PathBuf {
        path.canonicalize_utf8().unwrap_or_else(|_| path.to_owned())
    }
}

/// The directories that this machine's loader searches: those of `ld.so.conf`, then the built-in ones.
///
/// `ld.so.cache` holds what is in the same directories, so reading it would add nothing but a format.
pub fn library_dirs(machine: Machine) -> Vec<Utf8PathBuf> {
    let mut dirs = Vec::new();
    read_conf(Utf8Path::new("/etc/ld.so.conf"), &mut dirs, 0);
    let multiarch = match machine {
        Machine::X86_64 => "x86_64-linux-gnu",
        Machine::Aarch64 => "aarch64-linux-gnu",
        Machine::X86 | Machine::Other(_) => "",
    };
    for dir in ["/lib64", "/usr/lib64", "/lib", "/usr/lib"] {
        dirs.push(Utf8Path::new(dir).join(multiarch));
        dirs.push(dir.into());
    }
    let mut unique: Vec<Utf8PathBuf> = Vec::new();
    for dir in dirs {
        if dir.is_dir() && !unique.contains(&dir) {
            unique.push(dir);
        }
    }
    unique
}

/// Reads the directories of a configuration file; a missing file has none.
fn read_conf(file: &Utf8Path, dirs: &mut Vec<Utf8PathBuf>, depth: usize) {
    let Ok(text) = fs_err::read_to_string(file) else { return };
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(pattern) = line.strip_prefix("include ") {
            if depth < DEEPEST_INCLUDE {
                let base = file.parent().unwrap_or(Utf8Path::new("/"));
                for included in expand_include(&base.join(pattern.trim())) {
                    read_conf(&included, dirs, depth + 1);
                }
            }
        } else if line.starts_with('/') {
            dirs.push(line.trim_end_matches('/').into());
        }
    }
}

/// The files that `DIR/PREFIX*SUFFIX` names, sorted; the only patterns that distributions use.
fn expand_include(pattern: &Utf8Path) -> Vec<Utf8PathBuf> {
    let (Some(dir), Some(name)) = (pattern.parent(), pattern.file_name()) else { return Vec::new() };
    let Some((prefix, suffix)) = name.split_once('*') else { return vec![pattern.to_owned()] };
    let Ok(entries) = dir.read_dir_utf8() else { return Vec::new() };
    let mut files: Vec<Utf8PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_name().starts_with(prefix) && entry.file_name().ends_with(suffix))
        .map(|entry| entry.path().to_owned())
        .collect();
    files.sort();
    files
}
