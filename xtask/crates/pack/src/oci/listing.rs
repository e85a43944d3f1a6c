//! What the layers of an image hold, without unpacking them.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use tar::EntryType;

use super::package::{open, parse};
use crate::PackError;
use crate::manifest::{Entry, MANIFEST_FILE, Manifest};
use crate::paths::normalize;

/// A layer with more entries is not listed: Python packages with everything in them have a tenth of that.
const MOST: usize = 1_000_000;
/// A file of this name removes one of a lower layer.
const WHITEOUT: &str = ".wh.";
/// A file of this name removes all that lower layers have in its directory.
const OPAQUE: &str = ".wh..wh..opq";

/// One path of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed {
    /// A directory.
    Directory,
    /// A file.
    File {
        /// Its size in bytes.
        size: u64,
        /// Whether its owner may execute it.
        executable: bool,
    },
    /// A link of either kind, and where it leads.
    Link(String),
}

/// What an image holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// By path, without a leading slash.
    pub paths: BTreeMap<Utf8PathBuf, Listed>,
    /// The manifest of the package, if it is one.
    pub package: Option<Manifest>,
}

/// Adds a layer to the listing of those below it.
pub fn list(layer: &Utf8Path, below: &mut Listing) -> Result<(), PackError> {
    let mut added = BTreeMap::new();
    for entry in open(layer)?.entries()? {
        let entry = entry?;
        let bytes = entry.path_bytes().into_owned();
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_start_matches('/');
        let Some(path) = normalize(Utf8Path::new(text)) else {
            let reason = format!("`{text}` leads out of the image");
            return Err(PackError::Malformed { path: layer.to_owned(), reason });
        };
        let (dir, name) = (path.parent().unwrap_or(Utf8Path::new("")), path.file_name().unwrap_or_default());
        if name == OPAQUE {
            below.remove(dir, false);
            continue;
        }
        if let Some(gone) = name.strip_prefix(WHITEOUT) {
            below.remove(&dir.join(gone), true);
            continue;
        }
        let listed = match entry.header().entry_type() {
            EntryType::Directory => Listed::Directory,
            EntryType::Symlink | EntryType::Link => {
                let target = entry.link_name_bytes().unwrap_or_default().into_owned();
                Listed::Link(String::from_utf8_lossy(&target).into_owned())
            }
            _ => {
                let executable = entry.header().mode()? & 0o100 != 0;
                Listed::File { size: entry.size(), executable }
            }
        };
        if path == MANIFEST_FILE && matches!(listed, Listed::File { .. }) {
            below.package = Some(parse(layer, entry)?);
        }
        added.insert(path, listed);
        if added.len() > MOST {
            let reason = format!("more than {MOST} entries");
            return Err(PackError::Malformed { path: layer.to_owned(), reason });
        }
    }
    below.paths.extend(added);
    Ok(())
}

impl Listing {
    fn remove(&mut self, path: &Utf8Path, itself: bool) {
        self.paths.retain(|known, _| !known.starts_with(path) || (known == path && !itself));
        if !self.paths.contains_key(Utf8Path::new(MANIFEST_FILE)) {
            self.package = None;
        }
    }

    /// What is at a path, links followed; none if nothing is.
    pub fn get(&self, path: &Utf8Path) -> Option<&Listed> {
        let mut path = path.to_owned();
        // Links that lead in circles lead nowhere.
        for _ in 0..16 {
            match self.paths.get(path.as_path())? {
                Listed::Link(target) => {
                    let base = if target.starts_with('/') { Utf8Path::new("") } else { path.parent()? };
                    path = normalize(&base.join(target.trim_start_matches('/')))?;
                }
                found => return Some(found),
            }
        }
        None
    }

    /// Files of the package that are not there, or are of another size.
    pub fn missing(&self, package: &Manifest) -> Vec<Utf8PathBuf> {
        let there = |path: &Utf8Path, size: Option<u64>| match self.paths.get(path) {
            Some(Listed::File { size: found, .. }) => size.is_none_or(|size| size == *found),
            // A file with several names is stored once.
            Some(Listed::Link(_)) => true,
            _ => false,
        };
        let sized = package.files.iter().map(|(path, entry)| (path, size_of(entry)));
        sized.filter(|(path, size)| !there(path, *size)).map(|(path, _)| path.clone()).collect()
    }
}

fn size_of(entry: &Entry) -> Option<u64> {
    match entry {
        Entry::File { size, .. } => Some(*size),
        Entry::Link { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tar::{Builder, Header};

    fn layer(dir: &Utf8Path, name: &str, entries: &[(&str, &str, u32)]) -> Utf8PathBuf {
        let mut tar = Builder::new(Vec::new());
        for (path, text, mode) in entries {
            let mut header = Header::new_gnu();
            header.set_mode(*mode);
            if let Some(target) = text.strip_prefix("->") {
                header.set_entry_type(EntryType::Symlink);
                header.set_size(0);
                tar.append_link(&mut header, path, target).unwrap();
            } else {
                header.set_size(text.len() as u64);
                tar.append_data(&mut header, path, text.as_bytes()).unwrap();
            }
        }
        let path = dir.join(name);
        std::fs::write(&path, tar.into_inner().unwrap()).unwrap();
        path
    }

    #[test]
    fn layers_add_and_remove() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let lower = [
            ("./run", "->bin/launcher", 0o777),
            ("bin/launcher", "x", 0o755),
            ("lib/a", "aa", 0o644),
            ("b", "", 0o644),
        ];
        let upper = [("lib/.wh.a", "", 0o644), (".wh.b", "", 0o644), ("loop", "->loop", 0o777)];
        let mut listing = Listing::default();
        list(&layer(dir, "lower", &lower), &mut listing).unwrap();
        assert_eq!(listing.get("lib/a".into()), Some(&Listed::File { size: 2, executable: false }));
        list(&layer(dir, "upper", &upper), &mut listing).unwrap();
        assert_eq!(listing.get("run".into()), Some(&Listed::File { size: 1, executable: true }));
        for gone in ["lib/a", "b", "loop", "nowhere"] {
            assert_eq!(listing.get(gone.into()), None, "{gone}");
        }
        list(&layer(dir, "opaque", &[("bin/.wh..wh..opq", "", 0o644)]), &mut listing).unwrap();
        assert_eq!(listing.get("run".into()), None);
    }
}
