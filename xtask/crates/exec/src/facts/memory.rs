//! What was probed of a file that has not changed since.

use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Identity {
    size: u64,
    mtime: (i64, i64),
    ctime: (i64, i64),
    inode: u64,
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Known {
    path: Utf8PathBuf,
    identity: Identity,
    values: BTreeMap<String, String>,
}

/// Answers by question, each good for one state of one file, kept in a file between runs.
#[derive(Debug)]
pub(super) struct Memory {
    file: Utf8PathBuf,
    known: BTreeMap<String, Known>,
    changed: bool,
}

impl Memory {
    /// A missing or unreadable file remembers nothing.
    pub(super) fn open(file: &Utf8Path) -> Self {
        let known =
            fs_err::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Self { file: file.to_owned(), known, changed: false }
    }

    /// What is known of `path` under the name `question`, else what `probe` finds out. What it does not find is asked
    /// again: it may be a passing fault.
    pub(super) fn of(
        &mut self,
        question: &str,
        path: &Utf8Path,
        probe: impl FnOnce() -> Option<BTreeMap<String, String>>,
    ) -> Option<BTreeMap<String, String>> {
        memo::saw(path);
        let identity = identity(path)?;
        if let Some(known) = self.known.get(question)
            && known.path == path
            && known.identity == identity
        {
            return Some(known.values.clone());
        }
        let values = probe()?;
        let known = Known { path: path.to_owned(), identity, values: values.clone() };
        self.known.insert(question.to_owned(), known);
        self.changed = true;
        Some(values)
    }

    pub(super) fn save(&self) {
        if !self.changed {
            return;
        }
        let Some(dir) = self.file.parent() else { return };
        let Ok(json) = serde_json::to_vec(&self.known) else { return };
        let temporary = self.file.with_extension(format!("tmp-{}", std::process::id()));
        let written = fs_err::create_dir_all(dir)
            .and_then(|()| fs_err::write(&temporary, json))
            .and_then(|()| fs_err::rename(&temporary, &self.file));
        if written.is_err() {
            let _ = fs_err::remove_file(&temporary);
        }
    }
}

fn identity(path: &Utf8Path) -> Option<Identity> {
    let meta = fs_err::metadata(path).ok()?;
    Some(Identity {
        size: meta.size(),
        mtime: (meta.mtime(), meta.mtime_nsec()),
        ctime: (meta.ctime(), meta.ctime_nsec()),
        inode: meta.ino(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "what a probe returns")]
    fn told(value: &str) -> Option<BTreeMap<String, String>> {
        Some([("t".to_owned(), value.to_owned())].into())
    }

    #[test]
    fn a_replaced_tool_is_probed_again_and_an_unchanged_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let (tool, file) = (dir.join("tool"), dir.join("facts.json"));
        fs_err::write(&tool, "1").unwrap();
        let mut memory = Memory::open(&file);
        assert_eq!(memory.of("t", &tool, || told("v1")), told("v1"));
        memory.save();
        let mut memory = Memory::open(&file);
        assert_eq!(memory.of("t", &tool, || panic!("probed again")), told("v1"));
        fs_err::remove_file(&tool).unwrap();
        fs_err::write(&tool, "22").unwrap();
        assert_eq!(memory.of("t", &tool, || None), None);
        assert_eq!(memory.of("t", &tool, || told("v2")), told("v2"), "a probe that failed is no answer");
    }

    #[test]
    fn a_damaged_file_is_as_good_as_none() {
        let dir = tempfile::tempdir().unwrap();
        let file = Utf8Path::from_path(dir.path()).unwrap().join("facts.json");
        fs_err::write(&file, "{").unwrap();
        assert!(Memory::open(&file).known.is_empty());
    }
}
