//! The libraries that a set of files needs, found as the loader finds them. Pure: files are asked for by [`Lookup`].

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::PackError;
use crate::image::{Elf, Machine};
use crate::paths::after_origin;
use crate::spec::matches;
use model::text::paths::normalize;

/// Gives the closure the object files that exist.
pub trait Lookup {
    /// The ELF object at a path; none if there is no such file or it is something else.
    fn elf(&self, path: &Utf8Path) -> Option<Rc<Elf>>;

    /// The file that a path leads to, through symbolic links.
    fn real(&self, path: &Utf8Path) -> Utf8PathBuf {
        path.to_owned()
    }
}

/// Where, and for what, to search.
#[derive(Clone, Debug)]
pub struct Search {
    /// What the objects must be made for; others are passed over, as the loader does.
    pub machine: Machine,
    /// Directories searched as `LD_LIBRARY_PATH` is.
    pub given: Vec<Utf8PathBuf>,
    /// The system's directories, searched last.
    pub system: Vec<Utf8PathBuf>,
    /// Names left to the host.
    pub host: Vec<String>,
    /// Trees whose objects stay where they are; their programs may also load each other's libraries by name alone.
    pub trees: Vec<Utf8PathBuf>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closure {
    /// Libraries outside the trees, by the name that is asked for.
    pub libraries: BTreeMap<String, Utf8PathBuf>,
    /// The loader that the programs name.
    pub loader: Option<Utf8PathBuf>,
    /// Names that were left to the host, and who asked first.
    pub host: BTreeMap<String, Utf8PathBuf>,
    /// What was not found.
    pub missing: Vec<Missing>,
}

/// A library that was not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its name.
    pub name: String,
    /// Who needs it: from the file that started it to the one that names it.
    pub chain: Vec<Utf8PathBuf>,
    /// Where it was looked for.
    pub searched: Vec<Utf8PathBuf>,
}

/// Finds all that `roots` need; `preset` names libraries whose file is already decided, `extra` further names.
pub fn closure(
    lookup: &dyn Lookup,
    search: &Search,
    roots: &[Utf8PathBuf],
    preset: &BTreeMap<String, Utf8PathBuf>,
    extra: &[String],
) -> Result<Closure, PackError> {
    let mut walk = Walk {
        lookup,
        search,
        preset,
        found: Closure::default(),
        by_name: BTreeMap::new(),
        parents: BTreeMap::new(),
        queue: VecDeque::new(),
    };
    for root in roots {
        walk.by_name.extend(root.file_name().filter(|_| walk.in_tree(root)).map(|name| (name, root)));
    }
    // One root after the other, so that a chain starts at the first root that leads to a file.
    for root in roots.iter().chain(preset.values()) {
        walk.visit(root, None);
        walk.drain()?;
    }
    for name in extra {
        walk.need(None, name)?;
        walk.drain()?;
    }
    Ok(walk.found)
}

struct Walk<'a> {
    lookup: &'a dyn Lookup,
    search: &'a Search,
    preset: &'a BTreeMap<String, Utf8PathBuf>,
    found: Closure,
    /// The trees' files, for libraries that a program loads before those that need them.
    by_name: BTreeMap<&'a str, &'a Utf8PathBuf>,
    /// Every visited file, and who asked for it first.
    parents: BTreeMap<Utf8PathBuf, Option<Utf8PathBuf>>,
    queue: VecDeque<Utf8PathBuf>,
}

impl Walk<'_> {
    fn in_tree(&self, path: &Utf8Path) -> bool {
        let real = self.lookup.real(path);
        self.search.trees.iter().any(|tree| path.starts_with(tree) || real.starts_with(tree))
    }

    fn visit(&mut self, path: &Utf8Path, parent: Option<&Utf8Path>) {
        if !self.parents.contains_key(path) {
            self.parents.insert(path.to_owned(), parent.map(ToOwned::to_owned));
            self.queue.push_back(path.to_owned());
        }
    }

    fn drain(&mut self) -> Result<(), PackError> {
        while let Some(path) = self.queue.pop_front() {
            let Some(elf) = self.lookup.elf(&path) else { continue };
            self.loader(&elf);
            for name in &elf.needed {
                self.need(Some((&path, &elf)), name)?;
            }
        }
        Ok(())
    }

    fn loader(&mut self, elf: &Elf) {
        if let (None, Some(interpreter)) = (&self.found.loader, &elf.interpreter)
            && elf.machine == self.search.machine
            && self.lookup.elf(interpreter.as_str().into()).is_some()
        {
            self.found.loader = Some(interpreter.into());
        }
    }

    fn need(&mut self, by: Option<(&Utf8Path, &Rc<Elf>)>, name: &str) -> Result<(), PackError> {
        let parent = by.map(|(path, _)| path);
        if self.found.loader.as_ref().is_some_and(|loader| loader.file_name() == Some(name)) {
            return Ok(());
        }
        if self.search.host.iter().any(|pattern| matches(pattern, name)) {
            let who = parent.unwrap_or(Utf8Path::new("extra libraries")).to_owned();
            self.found.host.entry(name.to_owned()).or_insert(who);
            return Ok(());
        }
        if let Some(path) = self.preset.get(name) {
            self.visit(&path.clone(), parent);
            return Ok(());
        }
        let mut searched = Vec::new();
        let Some(path) = self.find(by, name, &mut searched) else {
            let chain = parent.map(|path| self.chain(path)).unwrap_or_default();
            if !self.found.missing.iter().any(|missing| missing.name == name) {
                self.found.missing.push(Missing { name: name.to_owned(), chain, searched });
            }
            return Ok(());
        };
        if !self.in_tree(&path) {
            let key = name.rsplit('/').next().unwrap_or(name);
            if let Some(first) = self.found.libraries.get(key) {
                if self.lookup.real(first) != self.lookup.real(&path) {
                    return Err(self.conflict(key, first, &path, parent));
                }
                return Ok(());
            }
            self.found.libraries.insert(key.to_owned(), path.clone());
        }
        self.visit(&path, parent);
        Ok(())
    }

    /// The loader's order: RPATH of the file and of those that loaded it, given directories, RUNPATH, the system.
    fn find(
        &self,
        by: Option<(&Utf8Path, &Rc<Elf>)>,
        name: &str,
        searched: &mut Vec<Utf8PathBuf>,
    ) -> Option<Utf8PathBuf> {
        if name.contains('/') {
            return self.usable(name.into()).then(|| name.into());
        }
        let mut dirs = Vec::new();
        if let Some((path, elf)) = by {
            if elf.runpath.is_empty() {
                for loaded in self.chain(path).iter().rev() {
                    let rpath = self.lookup.elf(loaded).filter(|elf| elf.runpath.is_empty());
                    dirs.extend(rpath.iter().flat_map(|elf| expand(&elf.rpath, loaded)));
                }
            }
            dirs.extend(self.search.given.iter().cloned());
            dirs.extend(expand(&elf.runpath, path));
        } else {
            dirs.extend(self.search.given.iter().cloned());
        }
        dirs.extend(self.search.system.iter().cloned());
        for dir in dirs {
            let candidate = dir.join(name);
            if self.usable(&candidate) {
                return Some(candidate);
            }
            if !searched.contains(&dir) {
                searched.push(dir);
            }
        }
        let preloaded = self.by_name.get(name).filter(|_| by.is_some_and(|(path, _)| self.in_tree(path)));
        preloaded.map(|path| (*path).clone())
    }

    fn usable(&self, path: &Utf8Path) -> bool {
        self.lookup.elf(path).is_some_and(|elf| elf.machine == self.search.machine)
    }

    fn chain(&self, path: &Utf8Path) -> Vec<Utf8PathBuf> {
        let mut chain = vec![path.to_owned()];
        let mut at = path;
        while let Some(Some(parent)) = self.parents.get(at) {
            chain.push(parent.clone());
            at = parent;
        }
        chain.reverse();
        chain
    }

    fn conflict(&self, name: &str, first: &Utf8Path, second: &Utf8Path, by: Option<&Utf8Path>) -> PackError {
        let first_by = self.parents.get(first).cloned().flatten();
        let extra = || Utf8PathBuf::from("the extra libraries");
        PackError::Conflict {
            name: name.to_owned(),
            first: first.to_owned(),
            first_by: first_by.unwrap_or_else(extra),
            second: second.to_owned(),
            second_by: by.map_or_else(extra, ToOwned::to_owned),
        }
    }
}

/// The directories that a run path means for a file; relative ones and unknown `$` words mean nothing here.
fn expand(entries: &[String], file: &Utf8Path) -> Vec<Utf8PathBuf> {
    let here = file.parent().unwrap_or(Utf8Path::new(""));
    let expand = |entry: &String| match after_origin(entry) {
        Some(rest) => normalize(&here.join(rest)),
        None => entry.starts_with('/').then(|| Utf8PathBuf::from(entry)),
    };
    entries.iter().filter_map(expand).collect()
}
