//! Every file by itself: type, mode, link target, object format, machine, run path.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use macho::{MachError, Object, Region};
use walkdir::WalkDir;

use super::{Fault, Report};
use crate::PackError;
use crate::image::{self, Elf, FileSource, Image, Source as _};
use crate::manifest::{Manifest, utf8};
use crate::paths::kept;
use model::platform::Os;
use model::text::paths::normalize;

/// The object files of a package that the loader deals with, by path.
pub(super) type Objects = BTreeMap<Utf8PathBuf, Rc<Image>>;

pub(super) fn check(
    package: &Utf8Path,
    manifest: &Manifest,
    report: &mut Report,
) -> Result<Objects, PackError> {
    let mut objects = Objects::new();
    let mut folded = BTreeMap::new();
    for entry in WalkDir::new(package).min_depth(1) {
        let entry = entry.map_err(std::io::Error::from)?;
        let path = utf8(entry.path())?;
        let file = path.strip_prefix(package).unwrap_or(path);
        let kind = entry.file_type();
        if manifest.platform.os == Os::Darwin
            && let Some(other) = folded.insert(file.as_str().to_lowercase(), file.to_owned())
        {
            report.add(file, Fault::MachO(format!("and {other} are one file to macOS, which folds case")));
        }
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
            Ok(image) if image.is_loaded() => {
                object(path, file, &image, manifest, report);
                objects.insert(file.to_owned(), Rc::new(image));
            }
            Ok(_) => {}
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

fn object(path: &Utf8Path, file: &Utf8Path, image: &Image, manifest: &Manifest, report: &mut Report) {
    if !image.runs_on(manifest.platform) {
        let found = match image {
            Image::Elf(elf) => format!("Linux on {:?}", elf.machine),
            Image::MachO(object) => format!("macOS on {:?}", object.cpu),
            _ => {
                "macOS, for several processors: keep one with `lipo FILE -thin ARCH -output FILE`".to_owned()
            }
        };
        let expected = manifest.platform.to_string();
        report.add(file, Fault::Machine { expected, found });
    }
    match image {
        Image::Elf(elf) => run_paths(file, elf, report),
        Image::MachO(object) => mach(path, file, object, manifest, report),
        Image::Fat(_) | Image::Data => {}
    }
}

fn run_paths(file: &Utf8Path, elf: &Elf, report: &mut Report) {
    for entries in [&elf.rpath, &elf.runpath] {
        let kept = kept(entries, file);
        for entry in entries.iter().filter(|entry| !kept.contains(entry)) {
            report.add(file, Fault::RunPath(entry.clone()));
        }
    }
}

/// Names, run paths, the first macOS, and the hash of every page.
fn mach(path: &Utf8Path, file: &Utf8Path, object: &Object, manifest: &Manifest, report: &mut Report) {
    if let Some(promised) = manifest.min_macos.as_ref().and_then(|text| text.parse().ok()) {
        let faults = macho::faults(file, object, promised);
        for fault in faults {
            report.add(file, Fault::MachO(fault.to_string()));
        }
    }
    if let Some(Err(error)) = object.signature.map(|region| verify(path, region)) {
        report.add(file, Fault::MachO(error.to_string()));
    }
}

fn verify(path: &Utf8Path, region: Region) -> Result<(), MachError> {
    let mut file = std::io::BufReader::with_capacity(1 << 17, fs_err::File::open(path)?);
    let source = FileSource::new(fs_err::File::open(path)?)?;
    let signature = source.read_at(region.offset, usize::try_from(region.size).unwrap_or(usize::MAX))?;
    macho::verify(region, &signature, &mut file)
}
