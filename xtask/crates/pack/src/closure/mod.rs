//! The libraries that a set of files needs, found as the loader finds them. Pure: files are asked for by [`Lookup`].

mod places;

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::PackError;
use crate::image::Image;
use crate::spec::matches;
use model::platform::{Os, Platform};
use places::{Need, candidates, needs};

/// Gives the closure the object files that exist.
pub trait Lookup {
    /// The object at a path; none if there is no such file or it is something else.
    fn object(&self, path: &Utf8Path) -> Option<Rc<Image>>;

    /// The file that a path leads to, through symbolic links.
    fn real(&self, path: &Utf8Path) -> Utf8PathBuf {
        path.to_owned()
    }
}

/// Where, and for what, to search.
#[derive(Clone, Debug)]
pub struct Search {
    /// What the objects must be made for; others are passed over, as the loader does.
    pub platform: Platform,
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
    /// Which file each name of each file means.
    pub named: BTreeMap<(Utf8PathBuf, String), Utf8PathBuf>,
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
        reached: BTreeMap::new(),
        queue: VecDeque::new(),
    };
    for root in roots {
        walk.by_name.extend(root.file_name().filter(|_| walk.in_tree(root)).map(|name| (name, root)));
    }
    for root in roots.iter().chain(preset.values()) {
        walk.reached.entry(lookup.real(root)).or_insert_with(|| root.clone());
    }
    // One root after the other, so that a chain starts at the first root that leads to a file.
    for root in roots.iter().chain(preset.values()) {
        walk.visit(root, None);
        walk.drain()?;
    }
    for name in extra {
        walk.need(None, Need::plain(name))?;
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
    /// The path by which each file was first reached.
    reached: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
    queue: VecDeque<Utf8PathBuf>,
}

impl Walk<'_> {
    fn in_tree(&self, path: &Utf8Path) -> bool {
        let real = self.lookup.real(path);
        self.search.trees.iter().any(|tree| path.starts_with(tree) || real.starts_with(tree))
    }

    fn visit(&mut self, path: &Utf8Path, parent: Option<&Utf8Path>) {
        if !self.parents.contains_key(path) {
            self.reached.entry(self.lookup.real(path)).or_insert_with(|| path.to_owned());
            self.parents.insert(path.to_owned(), parent.map(ToOwned::to_owned));
            self.queue.push_back(path.to_owned());
        }
    }

    fn drain(&mut self) -> Result<(), PackError> {
        while let Some(path) = self.queue.pop_front() {
            let Some(image) = self.lookup.object(&path) else { continue };
            self.loader(&image);
            for need in needs(&image) {
                if let Some(library) = self.need(Some((&path, &image)), need)? {
                    self.found.named.insert((path.clone(), need.name.to_owned()), library);
                }
            }
        }
        Ok(())
    }

    fn loader(&mut self, image: &Image) {
        if let (Image::Elf(elf), None) = (image, &self.found.loader)
            && let Some(interpreter) = &elf.interpreter
            && image.runs_on(self.search.platform)
            && self.lookup.object(interpreter.as_str().into()).is_some()
        {
            self.found.loader = Some(interpreter.into());
        }
    }

    /// Looks for a library, and says which file of the closure it is, if it is one.
    fn need(
        &mut self,
        by: Option<(&Utf8Path, &Rc<Image>)>,
        need: Need<'_>,
    ) -> Result<Option<Utf8PathBuf>, PackError> {
        let (parent, name) = (by.map(|(path, _)| path), need.key);
        if self.found.loader.as_ref().is_some_and(|loader| loader.file_name() == Some(name)) {
            return Ok(None);
        }
        if self.search.host.iter().any(|pattern| matches(pattern, name)) {
            let who = parent.unwrap_or(Utf8Path::new("extra libraries")).to_owned();
            self.found.host.entry(name.to_owned()).or_insert(who);
            return Ok(None);
        }
        if let Some(path) = self.preset.get(name) {
            self.visit(&path.clone(), parent);
            return Ok(Some(path.clone()));
        }
        let mut searched = Vec::new();
        let Some(path) = self.find(by, need, &mut searched) else {
            let chain = parent.map(|path| self.chain(path)).unwrap_or_default();
            if !need.optional && !self.found.missing.iter().any(|missing| missing.name == need.name) {
                self.found.missing.push(Missing { name: need.name.to_owned(), chain, searched });
            }
            return Ok(None);
        };
        // Two copies of one file would be two libraries to dyld, each with data of its own.
        if self.search.platform.os == Os::Darwin
            && let Some(known) = self.known(&path)
        {
            return Ok(Some(known));
        }
        if !self.in_tree(&path) {
            let key = name.rsplit('/').next().unwrap_or(name);
            if let Some((key, first)) = self.held(key) {
                if self.lookup.real(first) != self.lookup.real(&path) {
                    return Err(self.conflict(key, first, &path, parent));
                }
                return Ok(Some(first.clone()));
            }
            self.found.libraries.insert(key.to_owned(), path.clone());
        }
        self.visit(&path, parent);
        Ok(Some(path))
    }

    /// The path by which a file was reached before, whatever it was called.
    fn known(&self, path: &Utf8Path) -> Option<Utf8PathBuf> {
        self.reached.get(&self.lookup.real(path)).cloned()
    }

    /// A library that would be in a file of this name, as the system compares names.
    fn held(&self, key: &str) -> Option<(&String, &Utf8PathBuf)> {
        let same = |held: &str| match self.search.platform.os {
            Os::Darwin => held.to_lowercase() == key.to_lowercase(),
            Os::Linux => held == key,
        };
        self.found.libraries.iter().find(|(held, _)| same(held))
    }

    /// The file that the loader would take.
    fn find(
        &self,
        by: Option<(&Utf8Path, &Rc<Image>)>,
        need: Need<'_>,
        searched: &mut Vec<Utf8PathBuf>,
    ) -> Option<Utf8PathBuf> {
        let chain = by.map(|(path, _)| self.chain(path)).unwrap_or_default();
        let loaded =
            chain.into_iter().filter_map(|path| self.lookup.object(&path).map(|image| (path, image)));
        for candidate in candidates(self.search, &loaded.collect::<Vec<_>>(), need) {
            if self.usable(&candidate) {
                return Some(candidate);
            }
            let dir = candidate.parent().unwrap_or(Utf8Path::new("")).to_owned();
            if !searched.contains(&dir) {
                searched.push(dir);
            }
        }
        let by_name = by.is_some_and(|(path, image)| matches!(**image, Image::Elf(_)) && self.in_tree(path));
        self.by_name.get(need.name).filter(|_| by_name).map(|path| (*path).clone())
    }

    fn usable(&self, path: &Utf8Path) -> bool {
        self.lookup.object(path).is_some_and(|image| image.runs_on(self.search.platform))
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
