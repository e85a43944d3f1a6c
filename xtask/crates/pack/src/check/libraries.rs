//! Files against each other: every library is in the package, in a version that suffices.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::files::Objects;
use super::{Fault, Report};
use crate::PackError;
use crate::closure::{Search, closure};
use crate::image::{Elf, Image, Requirement};
use crate::manifest::Manifest;
use crate::system::Disk;

pub(super) fn check(
    package: &Utf8Path,
    manifest: &Manifest,
    objects: &Objects,
    report: &mut Report,
) -> Result<(), PackError> {
    let lib = package.join("lib");
    let trees = objects.keys().filter_map(|file| {
        let top = file.components().next().filter(|_| file.components().count() > 1)?;
        (top.as_str() != "lib").then(|| package.join(top))
    });
    let search = Search {
        platform: manifest.platform,
        given: vec![lib],
        system: Vec::new(),
        host: manifest.host_libraries.clone(),
        trees: trees.collect(),
    };
    let roots = roots(package, objects);
    let found = closure(
        &Disk::within(package, manifest.platform),
        &search,
        &roots,
        &BTreeMap::new(),
        &manifest.extra_libraries,
    )?;
    let relative = |path: &Utf8PathBuf| path.strip_prefix(package).unwrap_or(path).to_owned();
    for missing in found.missing {
        let chain: Vec<_> = missing.chain.iter().map(relative).collect();
        let file = chain.last().cloned().unwrap_or_else(|| Utf8Path::new("lib").join(&missing.name));
        report.add(file, Fault::Unresolved { name: missing.name, chain, searched: Vec::new() });
    }
    for (file, elf) in elfs(objects) {
        for requirement in &elf.requires {
            if let Some(fault) = version(requirement, objects) {
                report.add(file, fault);
            }
        }
    }
    Ok(())
}

/// Programs before libraries, so that a chain starts at a program.
fn roots(package: &Utf8Path, objects: &Objects) -> Vec<Utf8PathBuf> {
    let mut roots: Vec<_> = objects.iter().collect();
    roots.sort_by_key(|(_, image)| !is_program(image));
    roots.into_iter().map(|(file, _)| package.join(file)).collect()
}

fn is_program(image: &Image) -> bool {
    match image {
        Image::Elf(elf) => elf.interpreter.is_some(),
        Image::MachO(object) => object.kind == macho::Kind::Executable,
        Image::Fat(_) | Image::Data => false,
    }
}

fn elfs(objects: &Objects) -> impl Iterator<Item = (&Utf8PathBuf, &Elf)> {
    objects.iter().filter_map(|(file, image)| match &**image {
        Image::Elf(elf) => Some((file, elf)),
        _ => None,
    })
}

/// What is wrong with a demand, if the packaged library cannot meet it. A library without versions meets all.
fn version(requirement: &Requirement, objects: &Objects) -> Option<Fault> {
    let Image::Elf(library) = &**objects.get(&Utf8Path::new("lib").join(&requirement.library))? else {
        return None;
    };
    if library.provides.is_empty() || library.provides.contains(&requirement.version) {
        return None;
    }
    let family = requirement.version.split('_').next().unwrap_or_default();
    let same = library.provides.iter().filter(|version| version.split('_').next() == Some(family));
    let newest = same.max_by_key(|version| numbers(version)).map_or("none of that family", String::as_str);
    Some(Fault::Version {
        library: requirement.library.clone(),
        version: requirement.version.clone(),
        newest: newest.to_owned(),
    })
}

/// The numbers of a version, for comparing.
fn numbers(version: &str) -> Vec<u32> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}
