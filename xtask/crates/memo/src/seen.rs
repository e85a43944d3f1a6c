//! What this process has looked at so far.

use crate::file;
use crate::question::Question;
use crate::stat::Stat;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

static SEEN: Mutex<Option<Seen>> = Mutex::new(None);

/// From now on it is noted what is looked at.
pub fn begin(question: Question) {
    *lock() = Some(Seen::new(question));
}

/// The answer depends on what there is at `path`, or that there is nothing. To be said before it is read.
pub fn saw(path: impl AsRef<Path>) {
    if let Some(seen) = &mut *lock() {
        seen.saw(path.as_ref());
    }
}

/// The same of what `lstat` has just told of a path below `root`.
pub fn saw_as(root: &Path, path: &str, stat: Stat) {
    if let Some(seen) = &mut *lock() {
        let path = if path.is_empty() { root.to_owned() } else { root.join(path) };
        seen.add(&path, Look::Itself, Some(stat));
    }
}

/// The answer depends on something that nobody can look at again: it is not kept.
pub fn spoil() {
    *lock() = None;
}

/// Keeps the answer, unless it was spoilt, or something that it stands on may have changed in the meantime.
pub fn keep(answer: &[u8]) -> io::Result<()> {
    lock().take().map_or(Ok(()), |seen| seen.keep(answer))
}

fn lock() -> MutexGuard<'static, Option<Seen>> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// At what a path was looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Look {
    /// What lies there, a link as a link.
    Itself,
    /// What a link that lies there leads to.
    Target,
}

/// What was looked at, and what was there.
pub(crate) struct Seen {
    pub question: Question,
    pub files: BTreeMap<(PathBuf, Look), Option<Stat>>,
    /// Something was seen as two different things.
    moved: bool,
}

impl Seen {
    pub fn new(question: Question) -> Self {
        Self { question, files: BTreeMap::new(), moved: false }
    }

    pub fn saw(&mut self, path: &Path) {
        let stat = Look::Itself.at(path);
        self.add(path, Look::Itself, stat);
        if stat.is_some_and(|stat| stat.is_link()) {
            self.add(path, Look::Target, Look::Target.at(path));
        }
    }

    fn add(&mut self, path: &Path, look: Look, stat: Option<Stat>) {
        match self.files.entry((path.to_owned(), look)) {
            Entry::Vacant(entry) => drop(entry.insert(stat)),
            Entry::Occupied(entry) => self.moved |= *entry.get() != stat,
        }
    }

    pub fn keep(self, answer: &[u8]) -> io::Result<()> {
        let settled = |stat: &Stat| stat.is_settled(self.question.began);
        if self.moved || !self.files.values().flatten().all(settled) {
            return Ok(());
        }
        file::write(&self, answer)
    }
}

impl Look {
    /// What is there now.
    pub fn at(self, path: &Path) -> Option<Stat> {
        let meta = match self {
            Self::Itself => fs::symlink_metadata(path),
            Self::Target => fs::metadata(path),
        };
        meta.ok().map(|meta| Stat::of(&meta))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stat::now;
    use std::os::unix::fs::symlink;

    const SECOND: i64 = 1_000_000_000;

    struct Place(tempfile::TempDir);

    impl Place {
        /// Files, a directory, links, and nothing at `absent`.
        fn new() -> Self {
            let place = Self(tempfile::tempdir().unwrap());
            fs::create_dir(place.at("dir")).unwrap();
            fs::create_dir(place.at("answers")).unwrap();
            for file in ["file", "dir/file", "target", "other"] {
                fs::write(place.at(file), "one").unwrap();
            }
            symlink("target", place.at("link")).unwrap();
            place
        }

        fn at(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        /// Asked so much later that all is settled that is done until then.
        fn question(&self, what: &[u8]) -> Question {
            let (file, here) = (self.at("answers/one"), std::env::current_dir().unwrap());
            Question { file, key: blake3::hash(what), here, began: now() + 60 * SECOND }
        }

        fn look(&self, seen: &mut Seen) {
            for path in ["file", "dir", "dir/file", "link", "absent", ""] {
                seen.saw(&self.at(path));
            }
        }

        fn keep(&self) {
            let mut seen = Seen::new(self.question(b"what"));
            self.look(&mut seen);
            seen.keep(b"because").unwrap();
        }

        fn recall(&self) -> Option<Vec<u8>> {
            self.question(b"what").recall()
        }
    }

    fn modified(path: &Path) -> std::time::SystemTime {
        fs::metadata(path).unwrap().modified().unwrap()
    }

    #[test]
    fn an_answer_holds_until_something_changes_that_it_stands_on() {
        type Edit = fn(&Place);
        let edits: [(&str, Edit); 9] = [
            ("an edit", |place| fs::write(place.at("file"), "four").unwrap()),
            ("an edit that hides behind the old time", |place| {
                let before = modified(&place.at("file"));
                fs::write(place.at("file"), "two").unwrap();
                fs::File::options().write(true).open(place.at("file")).unwrap().set_modified(before).unwrap();
                assert_eq!(modified(&place.at("file")), before);
            }),
            ("another file in its place", |place| fs::rename(place.at("other"), place.at("file")).unwrap()),
            ("no file", |place| fs::remove_file(place.at("file")).unwrap()),
            ("a file that was not there", |place| fs::write(place.at("absent"), "").unwrap()),
            ("a new name in a directory", |place| fs::write(place.at("dir/new"), "").unwrap()),
            ("another directory", |place| {
                fs::rename(place.at("dir"), place.at("old")).unwrap();
                fs::create_dir(place.at("dir")).unwrap();
                fs::rename(place.at("old/file"), place.at("dir/file")).unwrap();
            }),
            ("an edit behind a link", |place| fs::write(place.at("target"), "two").unwrap()),
            ("a link that leads elsewhere", |place| {
                fs::remove_file(place.at("link")).unwrap();
                symlink("other", place.at("link")).unwrap();
            }),
        ];
        let place = Place::new();
        place.keep();
        assert_eq!(place.recall().as_deref(), Some(&b"because"[..]));
        fs::write(place.at("other"), "two").unwrap();
        assert!(place.recall().is_some(), "nobody looked at that one");
        for (what, edit) in edits {
            let place = Place::new();
            place.keep();
            edit(&place);
            assert_eq!(place.recall(), None, "{what}");
            place.keep();
            assert!(place.recall().is_some(), "{what}, and asked once more");
        }
    }

    #[test]
    fn another_question_or_a_clock_that_was_set_back_has_no_answer() {
        let place = Place::new();
        place.keep();
        assert_eq!(place.question(b"another").recall(), None);
        let earlier = Question { began: now() - 3600 * SECOND, ..place.question(b"what") };
        assert_eq!(earlier.recall(), None);
        assert!(place.recall().is_some());
    }

    #[test]
    fn what_may_still_change_unseen_is_not_kept() {
        let place = Place::new();
        let mut racy = Seen::new(Question { began: now(), ..place.question(b"what") });
        place.look(&mut racy);
        racy.keep(b"because").unwrap();
        assert_eq!(place.recall(), None, "changed less than a tick ago");

        let mut moved = Seen::new(place.question(b"what"));
        place.look(&mut moved);
        fs::write(place.at("file"), "four").unwrap();
        place.look(&mut moved);
        moved.keep(b"because").unwrap();
        assert_eq!(place.recall(), None, "two things at one place");
    }

    #[test]
    fn a_damaged_file_is_no_answer() {
        let place = Place::new();
        place.keep();
        let file = place.question(b"what").file;
        let good = fs::read(&file).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&file, &bad).unwrap();
            assert_eq!(place.recall(), None, "byte {at}");
            fs::write(&file, &good[..at]).unwrap();
            assert_eq!(place.recall(), None, "cut at {at}");
        }
        fs::write(&file, good).unwrap();
        assert!(place.recall().is_some());
    }

    #[test]
    fn thousands_of_files_are_looked_at_by_several_threads() {
        let place = Place::new();
        let many: Vec<PathBuf> = (0..1500).map(|at| place.at(&format!("dir/{at}"))).collect();
        let keep = || {
            let mut seen = Seen::new(place.question(b"what"));
            for file in &many {
                fs::write(file, "").unwrap();
                seen.saw(file);
            }
            seen.keep(b"all").unwrap();
        };
        for file in [&many[0], &many[1499]] {
            keep();
            assert_eq!(place.recall().as_deref(), Some(&b"all"[..]));
            fs::remove_file(file).unwrap();
            assert_eq!(place.recall(), None);
        }
    }
}
