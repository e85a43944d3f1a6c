//! A directory beside a target in which the target is made: same file system, so that the last step is a rename.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;

use camino::{Utf8Path, Utf8PathBuf};

use crate::PackError;

/// An empty directory that goes when it is dropped. Its name depends on the target alone: what a killed process left
/// is removed by the next one, and two processes with one target take turns.
pub struct Scratch {
    path: Utf8PathBuf,
    _lock: File,
}

impl Scratch {
    /// The directory for this target, once nobody else has it.
    pub fn beside(target: &Utf8Path) -> Result<Self, PackError> {
        let Some(name) = target.file_name() else {
            return Err(PackError::Spec(format!("`{target}` does not end in a name")));
        };
        let path = target.with_file_name(format!(".{name}.making"));
        if let Some(parent) = path.parent().filter(|parent| !parent.as_str().is_empty()) {
            fs_err::create_dir_all(parent)?;
        }
        loop {
            unless(io::ErrorKind::AlreadyExists, fs_err::create_dir(&path))?;
            let Some(lock) = unless(io::ErrorKind::NotFound, fs_err::File::open(&path))? else { continue };
            let lock = lock.into_parts().0;
            halt::lock::exclusive(&lock, || ())?;
            // Whoever held the lock has removed the directory: this lock is on one that has no name any more.
            let named = unless(io::ErrorKind::NotFound, fs_err::metadata(&path))?;
            let locked = lock.metadata()?;
            if named.is_some_and(|named| identity(&named) == identity(&locked)) {
                let scratch = Self { path, _lock: lock };
                scratch.clear()?;
                return Ok(scratch);
            }
        }
    }

    /// A path in it.
    pub fn join(&self, name: &str) -> Utf8PathBuf {
        self.path.join(name)
    }

    fn clear(&self) -> io::Result<()> {
        for entry in fs_err::read_dir(&self.path)? {
            let path = entry?.path();
            if path.symlink_metadata()?.is_dir() {
                fs_err::remove_dir_all(path)?;
            } else {
                fs_err::remove_file(path)?;
            }
        }
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is removed by the next one; there is nobody to tell here.
        drop(fs_err::remove_dir_all(&self.path));
    }
}

fn identity(meta: &Metadata) -> (u64, u64) {
    (meta.dev(), meta.ino())
}

/// None for the one expected failure.
fn unless<T>(expected: io::ErrorKind, result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == expected => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_go_and_owners_take_turns() {
        let temp = tempfile::tempdir().unwrap();
        let target = Utf8Path::from_path(temp.path()).unwrap().join("deep/package");
        let left = target.with_file_name(".package.making/half");
        std::fs::create_dir_all(&left).unwrap();
        std::fs::write(left.join("file"), "half").unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let scratch = Scratch::beside(&target).unwrap();
                        std::fs::create_dir(scratch.join("mine")).unwrap();
                        std::fs::write(scratch.join("mine/file"), "x").unwrap();
                    }
                });
            }
        });
        assert_eq!(std::fs::read_dir(target.parent().unwrap()).unwrap().count(), 0);
    }
}
