//! What the loaders of both systems look for, and where, in their order.

use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use macho::{Dylib, Loaded, is_system};
use model::text::paths::normalize;

use super::Search;
use crate::image::{Elf, Image};
use crate::paths::after_origin;

/// A library that a file names.
#[derive(Clone, Copy)]
pub(super) struct Need<'a> {
    /// As the file names it.
    pub(super) name: &'a str,
    /// What it is called in a package.
    pub(super) key: &'a str,
    /// May it be absent?
    pub(super) optional: bool,
}

impl<'a> Need<'a> {
    /// A library that must be there, by its file name.
    pub(super) fn plain(name: &'a str) -> Self {
        Self { name, key: name, optional: false }
    }

    fn of(dylib: &'a Dylib) -> Self {
        let name = dylib.name.as_str();
        let key = Utf8Path::new(name).file_name().unwrap_or(name);
        Self { name, key, optional: dylib.link.may_be_absent() }
    }
}

/// What a file names, but for what every Mac has.
pub(super) fn needs(image: &Image) -> Vec<Need<'_>> {
    match image {
        Image::Elf(elf) => elf.needed.iter().map(|name| Need::plain(name)).collect(),
        Image::MachO(object) => {
            object.dylibs.iter().filter(|dylib| !is_system(&dylib.name)).map(Need::of).collect()
        }
        Image::Fat(_) | Image::Data => Vec::new(),
    }
}

/// The files that a name may mean. `chain` leads from a root to the file that names it; empty if nothing does.
pub(super) fn candidates(
    search: &Search,
    chain: &[(Utf8PathBuf, Rc<Image>)],
    need: Need<'_>,
) -> Vec<Utf8PathBuf> {
    let by = chain.last().map(|(path, image)| (path.as_path(), &**image));
    if let Some((_, Image::MachO(_))) = by {
        let loaded = chain.iter().filter_map(|(path, image)| match &**image {
            Image::MachO(object) => Some(Loaded { path, rpaths: &object.rpaths }),
            _ => None,
        });
        let mut places = macho::candidates(need.name, &loaded.collect::<Vec<_>>());
        places.extend(search.given.iter().map(|dir| dir.join(need.key)));
        return places;
    }
    if need.name.contains('/') {
        return vec![need.name.into()];
    }
    elf_directories(search, chain).into_iter().map(|dir| dir.join(need.name)).collect()
}

/// RPATH of the file and of those that loaded it, given directories, RUNPATH, the system.
fn elf_directories(search: &Search, chain: &[(Utf8PathBuf, Rc<Image>)]) -> Vec<Utf8PathBuf> {
    let elfs: Vec<(&Utf8Path, &Elf)> = chain
        .iter()
        .filter_map(|(path, image)| match &**image {
            Image::Elf(elf) => Some((path.as_path(), elf)),
            _ => None,
        })
        .collect();
    let mut dirs = Vec::new();
    let by = elfs.last();
    if by.is_some_and(|(_, elf)| elf.runpath.is_empty()) {
        let loaded = elfs.iter().rev().filter(|(_, elf)| elf.runpath.is_empty());
        dirs.extend(loaded.flat_map(|(path, elf)| expand(&elf.rpath, path)));
    }
    dirs.extend(search.given.iter().cloned());
    dirs.extend(by.iter().flat_map(|(path, elf)| expand(&elf.runpath, path)));
    dirs.extend(search.system.iter().cloned());
    dirs
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
