//! Every file by itself: type, mode, link target, object format, machine, run path.

use crate::image::Machine;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::{Fault, Report};
use crate::PackError;
use crate::image::{self, Elf, Image, Kind};
use crate::manifest::{Manifest, utf8};
use crate::paths::kept;
use model::text::paths::normalize;

/// The object files of a package that the loader deals with, by path.
pub(super) type Objects = BTreeMap<Utf8PathBuf, Rc<Elf>>;

pub(super) fn check(
    package: &Utf8Path,
    manifest: &Manifest,
    report: &mut Report,
) -> Result<Objects, PackError> {
    let mut objects = Objects::new();
    for entry in WalkDir::new(package).min_depth(1) {
        let entry = entry.map_err(std::io::Error::from)?;
        let path = utf8(entry.path())?;
        let file = path.strip_prefix(package).unwrap_or(path);
        let kind = entry.file_type();
        if kind.is_symlink() {
            link(package, path, file, report)?;
            continue;
        }
        let mode = entry.metadata().map_err(std::io::Error::from)?.permissions().mode() & 0o7777;
        if mode & 0o7022 != 0 {
            report.add(file, Fault::Mode(mode));
        }
        if kind.is_dir() {
            continue;
        }
        if !kind.is_file() {
            report.add(file, Fault::Special);
            continue;
        }
        match image::read(path) {
            Ok(Image::Elf(elf)) if elf.kind == Kind::Other => {}
            Ok(Image::Elf(elf)) => {
                object(file, &elf, manifest, report);
                objects.insert(file.to_owned(), Rc::new(elf));
            }
            Ok(Image::MachO) => report.add(file, machine(manifest, "macOS".to_owned())),
            Ok(Image::Data) => {}
            Err(error) => report.add(file, Fault::Malformed(error.to_string())),
        }
    }
    Ok(objects)
}

pub(super) fn is_executable(path: &Utf8Path) -> bool {
    fs_err::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o111 == 0o111)
}

fn link(package: &Utf8Path, path: &Utf8Path, file: &Utf8Path, report: &mut Report) -> Result<(), PackError> {
    let target = path.read_link_utf8()?;
    let here = file.parent().unwrap_or(Utf8Path::new(""));
    match (target.is_absolute(), normalize(&here.join(&target))) {
        (false, Some(inside)) => {
            if !package.join(inside).exists() {
                report.add(file, Fault::Dangling(target));
            }
        }
        _ => report.add(file, Fault::Outside(target)),
    }
    Ok(())
}

fn object(file: &Utf8Path, elf: &Elf, manifest: &Manifest, report: &mut Report) {
    if elf.machine != Machine::of(manifest.platform) {
        report.add(file, machine(manifest, format!("{:?}", elf.machine)));
    }
    for entries in [&elf.rpath, &elf.runpath] {
        let kept = kept(entries, file);
        for entry in entries.iter().filter(|entry| !kept.contains(entry)) {
            report.add(file, Fault::RunPath(entry.clone()));
        }
    }
}

fn machine(manifest: &Manifest, found: String) -> Fault {
    Fault::Machine { expected: manifest.platform.to_string(), found }
}
