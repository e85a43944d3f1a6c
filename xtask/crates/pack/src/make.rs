//! Makes a package: closure, staging, licences, manifest, checks; in place only when all of it holds.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use crate::PackError;
use crate::check::{Fault, Violation, check};
use crate::closure::{Closure, Missing, Search, closure};
use crate::given::Given;
use crate::image::{self, Machine};
use crate::launch::{self, LOADER};
use crate::licenses;
use crate::manifest::{MANIFEST_FILE, Manifest, utf8};
use crate::relink::Relink;
use crate::scratch::Scratch;
use crate::spec::{Data, PackageSpec};
use crate::stage::Staging;
use crate::system::{Disk, library_dirs};
use crate::vulkan;
use model::platform::Os;
use model::text::paths::normalize;

/// Where libraries are.
const LIB: &str = "lib";

/// Makes the package at `out`, replacing one that is there. If anything fails, `out` is left as it was.
pub fn pack(spec: &PackageSpec, out: &Utf8Path) -> Result<Manifest, PackError> {
    pack_with(spec, out, &|_, _| Ok(()))
}

/// What may change a package's signed files, before they are described and checked; it gets the package as well.
pub type Finish<'a> = dyn Fn(&Utf8Path, &[Utf8PathBuf]) -> std::io::Result<()> + 'a;

/// The same, with a last hand on Mach-O files.
pub fn pack_with(spec: &PackageSpec, out: &Utf8Path, finish: &Finish<'_>) -> Result<Manifest, PackError> {
    validate(spec)?;
    let scratch = Scratch::beside(out)?;
    let root = scratch.join("package");
    fs_err::create_dir(&root)?;
    let mut staging = Staging::at(root)?;

    let data = resolved(&spec.data)?;
    let search = Search {
        platform: spec.platform,
        given: spec.library_dirs.clone(),
        system: library_dirs(Machine::of(spec.platform)),
        host: spec.host_libraries.clone(),
        trees: data.iter().map(|data| data.from.clone()).collect(),
    };
    let roots = roots(spec, &data)?;
    let mut given = Given::of(&named_libraries(spec)?, LIB, spec.platform)?;
    given.extend(Given::of(&files_of(spec.plugin_tree.as_deref())?, "", spec.platform)?);
    let preset = given.iter().flat_map(Given::names).collect();
    let drivers = spec.vulkan_drivers.as_deref().map(|package| vulkan::drivers("/".into(), package));
    let drivers = drivers.transpose()?.unwrap_or_default();
    let mut extra = spec.extra_libraries.clone();
    extra.extend(drivers.iter().map(|driver| driver.library.clone()));
    let closure = closure(&Disk::new(spec.platform), &search, &roots, &preset, &extra)?;
    if spec.platform.os == Os::Darwin {
        refuse_missing(&closure)?;
        let places = places(spec, &data, &roots, &given, &closure);
        staging.relinks(Relink::new(spec.platform, &closure, places));
    }

    // Links may name a tree by either of its paths.
    let names = [&data[..], &spec.data[..]].concat();
    for data in &data {
        staging.tree(data, &names)?;
    }
    for binary in &spec.binaries {
        if let Some(from) = &binary.from {
            staging.file(from, &binary.to)?;
        }
    }
    let libraries = libraries(&closure, &given, &mut staging)?;
    drivers.iter().try_for_each(|driver| driver.write(&mut staging))?;
    launch::write(spec, closure.loader.is_some(), &mut staging)?;
    let components = licenses::collect(spec, &libraries, "/".into(), &mut staging)?;
    let signed = staging.finish()?;
    finish(staging.root(), &signed)?;
    let manifest = Manifest::describe(spec, components, staging.root())?;
    staging.text(MANIFEST_FILE.into(), &manifest.to_json()?, false)?;

    let mut violations = check(staging.root())?;
    if !violations.is_empty() {
        name_searched(&mut violations, &closure);
        return Err(PackError::Violations(violations));
    }
    replace(staging.root(), out, &scratch.join("previous"))?;
    Ok(manifest)
}

/// The data with its source paths free of links.
fn resolved(data: &[Data]) -> Result<Vec<Data>, PackError> {
    let resolve = |data: &Data| {
        let from = utf8(&fs_err::canonicalize(&data.from)?)?.to_owned();
        Ok(Data { from, to: data.to.clone() })
    };
    data.iter().map(resolve).collect()
}

/// The libraries that programs open by file name.
fn named_libraries(spec: &PackageSpec) -> Result<Vec<Utf8PathBuf>, PackError> {
    let mut libraries = files_of(spec.library_tree.as_deref())?;
    libraries.extend(spec.libraries.iter().cloned());
    libraries.sort();
    Ok(libraries)
}

/// What is in a directory, sorted.
fn files_of(directory: Option<&Utf8Path>) -> Result<Vec<Utf8PathBuf>, PackError> {
    let mut files = Vec::new();
    if let Some(directory) = directory {
        for entry in directory.read_dir_utf8()? {
            files.push(entry?.into_path());
        }
    }
    files.sort();
    Ok(files)
}

/// Where each object file comes to be.
fn places(
    spec: &PackageSpec,
    data: &[Data],
    roots: &[Utf8PathBuf],
    given: &[Given],
    closure: &Closure,
) -> BTreeMap<Utf8PathBuf, Utf8PathBuf> {
    let libraries =
        closure.libraries.iter().map(|(name, path)| (path.clone(), Utf8Path::new(LIB).join(name)));
    let given = given.iter().map(|library| (library.file.clone(), library.place()));
    let in_data = |root: &Utf8PathBuf| {
        data.iter().find_map(|data| Some((root.clone(), data.to.join(root.strip_prefix(&data.from).ok()?))))
    };
    let binaries = spec.binaries.iter().filter_map(|binary| Some((binary.from.clone()?, binary.to.clone())));
    libraries.chain(given).chain(roots.iter().filter_map(in_data)).chain(binaries).collect()
}

/// A name that means no file cannot be made to mean one in the package.
fn refuse_missing(closure: &Closure) -> Result<(), PackError> {
    let violation = |missing: &Missing| {
        let Missing { name, chain, searched } = missing.clone();
        let file = chain.last().cloned().unwrap_or_else(|| Utf8Path::new(LIB).join(&name));
        Violation { file, fault: Fault::Unresolved { name, chain, searched } }
    };
    let missing: Vec<Violation> = closure.missing.iter().map(violation).collect();
    if missing.is_empty() { Ok(()) } else { Err(PackError::Violations(missing)) }
}

/// The object files to start from.
fn roots(spec: &PackageSpec, data: &[Data]) -> Result<Vec<Utf8PathBuf>, PackError> {
    let mut roots: Vec<Utf8PathBuf> = spec.binaries.iter().filter_map(|binary| binary.from.clone()).collect();
    for data in data {
        for entry in WalkDir::new(&data.from).sort_by_file_name() {
            let entry = entry.map_err(std::io::Error::from)?;
            let path = utf8(entry.path())?;
            if !entry.file_type().is_file() {
                continue;
            }
            if image::read(path).is_ok_and(|image| image.is_loaded()) {
                roots.push(path.to_owned());
            }
        }
    }
    Ok(roots)
}

/// Fills `lib/` and says where each library came from.
fn libraries(
    closure: &Closure,
    given: &[Given],
    staging: &mut Staging,
) -> Result<BTreeMap<String, Utf8PathBuf>, PackError> {
    let lib = Utf8Path::new(LIB);
    let mut all = closure.libraries.clone();
    let (plugins, named): (Vec<&Given>, Vec<&Given>) = given.iter().partition(|library| library.dir != LIB);
    all.extend(named.iter().map(|library| (library.name.clone(), library.file.clone())));
    for plugin in plugins {
        staging.file(&plugin.file, &plugin.place())?;
    }
    if let Some(loader) = &closure.loader {
        let name = loader.file_name().unwrap_or("ld-linux.so");
        all.insert(name.to_owned(), loader.clone());
        staging.link(loader, LOADER.into(), name.into())?;
    }
    for (name, from) in &all {
        staging.file(from, &lib.join(name))?;
    }
    let mut links = BTreeMap::new();
    for library in named {
        let aliases = library.aliases.iter().filter(|alias| !all.contains_key(*alias));
        links.extend(aliases.map(|alias| (alias, library)));
    }
    for (alias, library) in links {
        staging.link(&library.file, &lib.join(alias), Utf8Path::new(&library.name))?;
    }
    Ok(all)
}

fn validate(spec: &PackageSpec) -> Result<(), PackError> {
    let wrong = |reason: String| Err(PackError::Spec(reason));
    let min_macos = spec.min_macos.as_ref().map(|text| text.parse::<macho::Version>()).transpose();
    match (spec.platform.os, min_macos) {
        (_, Err(error)) => return wrong(error),
        (Os::Darwin, Ok(None)) => {
            return wrong("a package for macOS must say which is the first it runs on".into());
        }
        _ => {}
    }
    if !spec.binaries.iter().any(|binary| binary.start) {
        return wrong("at least one binary must be startable".into());
    }
    let places = spec.binaries.iter().map(|b| &b.to).chain(spec.data.iter().map(|data| &data.to));
    for place in places {
        if place.is_absolute() || place.as_str().is_empty() || normalize(place).as_ref() != Some(place) {
            return wrong(format!("`{place}` is not a plain path relative to the package"));
        }
    }
    for extra in &spec.extra_libraries {
        if extra.contains('/') {
            return wrong(format!("the extra library `{extra}` is not a name but a path"));
        }
    }
    Ok(())
}

/// Adds where this machine was searched: the package alone cannot tell.
fn name_searched(violations: &mut [Violation], closure: &Closure) {
    for violation in violations {
        if let Fault::Unresolved { name, searched, .. } = &mut violation.fault
            && let Some(missing) = closure.missing.iter().find(|missing| missing.name == *name)
        {
            searched.clone_from(&missing.searched);
        }
    }
}

/// Puts the new package in the old one's place, which is moved aside first.
fn replace(new: &Utf8Path, out: &Utf8Path, aside: &Utf8Path) -> Result<(), PackError> {
    let had = out.symlink_metadata().is_ok();
    if had {
        fs_err::rename(out, aside)?;
    }
    if let Err(error) = fs_err::rename(new, out) {
        if had {
            fs_err::rename(aside, out)?;
        }
        return Err(error.into());
    }
    Ok(())
}
