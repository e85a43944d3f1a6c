//! The right to make an entry, and the commit that uses it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::entry::blobs;
use crate::entry::{self, Entry};
use crate::error::{Context, Error, Result};
use crate::layout::Layout;
use crate::lock::{Exclusive, Writing};
use crate::parallel;
use crate::rel_path::{self, RelPath};
use crate::tree::{self, Node, TreeDoc};
use model::digest::Digest;
use model::key::Key;

/// What the caller tells about a build, for listings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Whom it was built for.
    pub unit: String,
    /// How long the build took.
    pub built_in: Duration,
}

/// The exclusive right to make one entry. Dropping it leaves nothing behind.
#[derive(Debug)]
pub struct Reservation {
    layout: Arc<Layout>,
    key: Key,
    evicted: Option<Error>,
    /// None where the store cannot be written, and so nothing can be committed either.
    _lock: Option<Exclusive>,
}

impl Reservation {
    pub(crate) fn new(
        layout: Arc<Layout>,
        key: Key,
        lock: Option<Exclusive>,
        evicted: Option<Error>,
    ) -> Self {
        Self { layout, key, evicted, _lock: lock }
    }

    /// The key to be made.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Why an entry that was there has to be made again.
    pub fn evicted(&self) -> Option<&Error> {
        self.evicted.as_ref()
    }

    /// Stores a finished tree under the key, with the document that the key was computed from.
    ///
    /// A process that dies on the way leaves no entry. Links that leave the tree, and anything that is neither
    /// file, directory nor link, are refused.
    pub fn commit(self, tree_dir: &Path, key_document: &[u8], meta: Meta) -> Result<Entry> {
        let _writing = Writing::begin(&self.layout.lock())?;
        let tmp = Layout::made(self.layout.tmp())?;
        let stage = tempfile::tempdir_in(&tmp).context("write into", &tmp)?;

        let mut found = Vec::new();
        list(tree_dir, "", &mut found)?;
        let blobs = parallel::map(&found, |(path, listed)| match listed {
            Listed::File { size, .. } => {
                let scratch = stage.path().join(Digest::of(path.as_str().as_bytes()).to_hex());
                blobs::put(&self.layout, &tree_dir.join(path.as_str()), *size, &scratch).map(Some)
            }
            Listed::Link(_) | Listed::Dir => Ok(None),
        });
        let mut nodes = BTreeMap::new();
        for ((path, listed), digest) in found.into_iter().zip(blobs) {
            let node = match (listed, digest?) {
                (Listed::File { size, executable }, Some(digest)) => Node::File { digest, size, executable },
                (Listed::Link(target), _) => Node::Link { target },
                (Listed::Dir | Listed::File { .. }, _) => Node::Dir {},
            };
            nodes.insert(path, node);
        }

        let created = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let built_in = u64::try_from(meta.built_in.as_millis()).unwrap_or(u64::MAX);
        let doc =
            TreeDoc::new(self.key, Digest::of(key_document), meta.unit, created, built_in, nodes).map_err(
                |error| Error::Unstorable { path: tree_dir.to_owned(), problem: format!("the tree {error}") },
            )?;
        self.publish(stage.path(), &doc, key_document)?;
        entry::open_new(&self.layout, doc)
    }

    fn publish(&self, stage: &Path, doc: &TreeDoc, key_document: &[u8]) -> Result<()> {
        let staged = stage.join("entry");
        fs::create_dir(&staged).context("create", &staged)?;
        for (name, bytes) in [("key.json", key_document), ("tree.json", &doc.to_bytes())] {
            let path = staged.join(name);
            fs::write(&path, bytes).context("write", &path)?;
            fs::File::open(&path).and_then(|file| file.sync_all()).context("flush", &path)?;
        }
        let place = self.layout.entry(&self.key);
        // Nothing sound can be there while the key is locked; what is, goes with the stage.
        match fs::rename(&place, stage.join("replaced")).context("replace", &place) {
            Err(error) if !error.is_not_found() => Err(error),
            _ => {
                Layout::made(self.layout.entries())?;
                fs::rename(&staged, &place).context("move into place", &place)
            }
        }
    }
}

enum Listed {
    File { size: u64, executable: bool },
    Link(String),
    Dir,
}

/// Lists a tree: its files, links and empty directories.
fn list(root: &Path, dir: &str, found: &mut Vec<(RelPath, Listed)>) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let full = root.join(dir);
    for item in fs::read_dir(&full).context("list", &full)? {
        let item = item.context("list", &full)?;
        let refuse = |problem: &str| Error::Unstorable { path: item.path(), problem: problem.to_owned() };
        let name = item.file_name().into_string().map_err(|_| refuse("its name is not UTF-8"))?;
        let path = RelPath::join(dir, &name);
        let meta = item.metadata().context("look at", item.path())?;
        if meta.is_dir() {
            let before = found.len();
            list(root, &rel_path::join(dir, &name), found)?;
            if found.len() == before {
                found.push((path, Listed::Dir));
            }
        } else if meta.is_symlink() {
            let target = fs::read_link(item.path()).context("read the link", item.path())?;
            let target =
                target.into_os_string().into_string().map_err(|_| refuse("its target is not UTF-8"))?;
            if !tree::stays_inside(&path, &target) {
                return Err(refuse(&format!("it links to `{target}`, out of the tree")));
            }
            found.push((path, Listed::Link(target)));
        } else if meta.is_file() {
            let executable = meta.permissions().mode() & 0o100 != 0;
            found.push((path, Listed::File { size: meta.len(), executable }));
        } else {
            return Err(refuse("it is neither a file, a directory nor a link"));
        }
    }
    Ok(())
}
