//! Libraries that a specification names: one file each, however many names it goes by.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use model::platform::Platform;

use crate::PackError;
use crate::image::{self, Image};
use crate::manifest::utf8;

/// One library file and its names.
pub(crate) struct Given {
    /// The file, free of links.
    pub(crate) file: Utf8PathBuf,
    /// What it is stored as: its SONAME if it was named so, else the first name.
    pub(crate) name: String,
    /// What else it is opened or asked for as.
    pub(crate) aliases: BTreeSet<String>,
    /// The directory of the package that it goes to.
    pub(crate) dir: &'static str,
}

impl Given {
    /// The files behind a list of paths, which may name one file several times, as links in a build directory do.
    pub(crate) fn of(
        paths: &[Utf8PathBuf],
        dir: &'static str,
        platform: Platform,
    ) -> Result<Vec<Self>, PackError> {
        let mut by_file: BTreeMap<Utf8PathBuf, BTreeSet<String>> = BTreeMap::new();
        for path in paths {
            let file = utf8(&fs_err::canonicalize(path)?)?.to_owned();
            by_file.entry(file).or_default().extend(path.file_name().map(ToOwned::to_owned));
        }
        Ok(by_file.into_iter().map(|(file, names)| Self::new(file, names, dir, platform)).collect())
    }

    fn new(file: Utf8PathBuf, names: BTreeSet<String>, dir: &'static str, platform: Platform) -> Self {
        let soname = match image::read_for(&file, platform) {
            Ok(Image::Elf(elf)) => elf.soname,
            Ok(Image::MachO(object)) => {
                object.id.and_then(|id| Utf8Path::new(&id).file_name().map(ToOwned::to_owned))
            }
            _ => None,
        };
        let by_soname = soname.clone().filter(|soname| names.contains(soname));
        let name = by_soname.or_else(|| names.first().cloned()).unwrap_or_default();
        let plain = |soname: &String| Utf8Path::new(soname).file_name() == Some(soname);
        let mut aliases = names;
        aliases.extend(soname.filter(plain));
        aliases.remove(&name);
        Self { file, name, aliases, dir }
    }

    /// Its place in the package.
    pub(crate) fn place(&self) -> Utf8PathBuf {
        Utf8Path::new(self.dir).join(&self.name)
    }

    /// Every name, with the file.
    pub(crate) fn names(&self) -> impl Iterator<Item = (String, Utf8PathBuf)> {
        let names = self.aliases.iter().chain([&self.name]);
        names.map(|name| (name.clone(), self.file.clone()))
    }
}
