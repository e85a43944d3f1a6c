//! What the layers of an image hold, without unpacking them.

use super::LayoutError;
use super::layer::{open, text};
use camino::{Utf8Path, Utf8PathBuf};
use model::text::paths::normalize;
use std::collections::BTreeMap;
use tar::EntryType;

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

/// What an image holds: its layers, added from the lowest up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// By path, without a leading slash.
    pub paths: BTreeMap<Utf8PathBuf, Listed>,
    /// The text of the file that is wanted, if it is there.
    pub text: Option<String>,
    wanted: Utf8PathBuf,
}

impl Listing {
    /// An image without layers, of which one file will be read.
    pub fn new(wanted: &str) -> Self {
        Self { paths: BTreeMap::new(), text: None, wanted: wanted.into() }
    }

    /// Adds a layer to those below it.
    pub fn add(&mut self, layer: &Utf8Path) -> Result<(), LayoutError> {
        let mut added = BTreeMap::new();
        for entry in open(layer)?.entries()? {
            let entry = entry?;
            let bytes = entry.path_bytes().into_owned();
            let name = String::from_utf8_lossy(&bytes);
            let name = name.trim_start_matches('/');
            let Some(path) = normalize(Utf8Path::new(name)) else {
                return Err(LayoutError::malformed(layer, format!("`{name}` leads out of the image")));
            };
            let (dir, name) =
                (path.parent().unwrap_or(Utf8Path::new("")), path.file_name().unwrap_or_default());
            if name == OPAQUE {
                self.remove(dir, false);
                continue;
            }
            if let Some(gone) = name.strip_prefix(WHITEOUT) {
                self.remove(&dir.join(gone), true);
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
            if path == self.wanted && matches!(listed, Listed::File { .. }) {
                self.text = Some(text(&layer.join(&path), entry)?);
            }
            added.insert(path, listed);
            if added.len() > MOST {
                return Err(LayoutError::malformed(layer, format!("more than {MOST} entries")));
            }
        }
        self.paths.extend(added);
        Ok(())
    }

    fn remove(&mut self, path: &Utf8Path, itself: bool) {
        self.paths.retain(|known, _| !known.starts_with(path) || (known == path && !itself));
        if !self.paths.contains_key(&self.wanted) {
            self.text = None;
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

    /// Those of some files that are not there, or are of another size than the one that is known of them.
    pub fn missing<'a>(
        &self,
        files: impl Iterator<Item = (&'a Utf8PathBuf, Option<u64>)>,
    ) -> Vec<&'a Utf8PathBuf> {
        let there = |path: &Utf8Path, size: Option<u64>| match self.paths.get(path) {
            Some(Listed::File { size: found, .. }) => size.is_none_or(|size| size == *found),
            // A file with several names is stored once.
            Some(Listed::Link(_)) => true,
            _ => false,
        };
        files.filter(|(path, size)| !there(path, *size)).map(|(path, _)| path).collect()
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
            ("b", "b", 0o644),
        ];
        let upper = [("lib/.wh.a", "", 0o644), (".wh.b", "", 0o644), ("loop", "->loop", 0o777)];
        let mut listing = Listing::new("b");
        listing.add(&layer(dir, "lower", &lower)).unwrap();
        assert_eq!(listing.text.as_deref(), Some("b"));
        assert_eq!(listing.get("lib/a".into()), Some(&Listed::File { size: 2, executable: false }));
        listing.add(&layer(dir, "upper", &upper)).unwrap();
        assert_eq!(listing.get("run".into()), Some(&Listed::File { size: 1, executable: true }));
        for gone in ["lib/a", "b", "loop", "nowhere"] {
            assert_eq!(listing.get(gone.into()), None, "{gone}");
        }
        let files = ["run", "b", "bin/launcher"].map(Utf8PathBuf::from);
        assert_eq!(listing.missing(files.iter().zip([None, None, Some(1)])), ["b"]);
        assert_eq!(listing.missing(files.iter().zip([None, None, Some(2)])), ["b", "bin/launcher"]);
        assert_eq!(listing.text, None);
        listing.add(&layer(dir, "opaque", &[("bin/.wh..wh..opq", "", 0o644)])).unwrap();
        assert_eq!(listing.get("run".into()), None);
    }
}
