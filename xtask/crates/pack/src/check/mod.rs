//! Checks a package by itself: everything wrong with it, at once.

mod files;
mod libraries;
mod violation;

use camino::{Utf8Path, Utf8PathBuf};
use launcher::{Launch, Start};
use model::platform::{Os, Platform};

use crate::PackError;
use crate::image::{self, Image};
use crate::launch::{RUN_FILE, RUN_SH};
use crate::manifest::{Manifest, is_script};

pub(crate) use violation::list;
pub use violation::{Fault, Violation};

/// All faults of a package, sorted by file; none if it is sound. Fails only if it cannot be read.
pub fn check(package: &Utf8Path) -> Result<Vec<Violation>, PackError> {
    let manifest = Manifest::read(package)?;
    let mut report = Report::default();
    let objects = files::check(package, &manifest, &mut report)?;
    let launch = read_launch(package, &mut report)?;
    if let Some(launch) = &launch {
        check_launch(package, launch, &manifest, &mut report);
    }
    libraries::check(package, &manifest, &objects, &mut report)?;
    licenses(package, &manifest, &objects, &mut report);
    report.0.sort_by(|a, b| a.file.cmp(&b.file));
    report.0.dedup();
    Ok(report.0)
}

/// The faults found so far.
#[derive(Default)]
struct Report(Vec<Violation>);

impl Report {
    fn add(&mut self, file: impl Into<Utf8PathBuf>, fault: Fault) {
        self.0.push(Violation { file: file.into(), fault });
    }
}

fn read_launch(package: &Utf8Path, report: &mut Report) -> Result<Option<Launch>, PackError> {
    let file = package.join(launcher::LAUNCH_FILE);
    if !file.is_file() {
        report.add(launcher::LAUNCH_FILE, Fault::Missing);
        return Ok(None);
    }
    let launch = launcher::parse(&fs_err::read_to_string(&file)?);
    let failed = |error: &launcher::ParseError| {
        report.add(launcher::LAUNCH_FILE, Fault::Malformed(error.to_string()));
    };
    Ok(launch.inspect_err(failed).ok())
}

fn check_launch(package: &Utf8Path, launch: &Launch, manifest: &Manifest, report: &mut Report) {
    let platform = manifest.platform;
    let loader = launch.loader.as_ref().map(|loader| loader.path.as_str());
    for program in loader.into_iter().chain([RUN_FILE, RUN_SH]) {
        startable(package, program, true, platform, report);
    }
    for program in &launch.programs {
        // It says that the host must have a shell.
        if manifest.host_shell && is_script(&package.join(&program.path)) {
            if !files::is_executable(&package.join(&program.path)) {
                report.add(&program.path, Fault::NotExecutable);
            }
            continue;
        }
        startable(package, &program.path, program.start == Start::Direct, platform, report);
    }
}

/// Can the kernel start a file, or the loader, which needs no executable bit? The bit is asked for all the same:
/// programs start each other, too.
fn startable(package: &Utf8Path, program: &str, direct: bool, platform: Platform, report: &mut Report) {
    let path = package.join(program);
    if !path.is_file() {
        // A link that leads nowhere is told as that.
        if !path.is_symlink() {
            report.add(program, Fault::Missing);
        }
        return;
    }
    if !files::is_executable(&path) {
        report.add(program, Fault::NotExecutable);
    }
    match image::read(&path) {
        Ok(Image::Elf(elf)) if direct && elf.interpreter.is_some() => {
            report.add(program, Fault::NotAProgram("needs a loader, and the package has none"));
        }
        Ok(Image::Elf(_)) => {}
        Ok(Image::MachO(object)) if object.kind == macho::Kind::Executable => {}
        // Every Mac has a shell.
        Ok(Image::Data) if platform.os == Os::Darwin && program.starts_with(RUN_FILE) => {}
        Ok(Image::MachO(_) | Image::Fat(_)) => {
            report.add(program, Fault::NotAProgram("is no program but a library"));
        }
        Ok(Image::Data) => {
            report.add(program, Fault::NotAProgram("is no object file; a script needs a shell of the host"));
        }
        Err(error) => report.add(program, Fault::Malformed(error.to_string())),
    }
}

fn licenses(package: &Utf8Path, manifest: &Manifest, objects: &files::Objects, report: &mut Report) {
    for (name, component) in &manifest.components {
        if component.licenses.is_empty() {
            let what = format!("the component {name} has no licence text");
            report.add("licenses", Fault::Unlicensed(what));
        }
        for license in &component.licenses {
            if fs_err::metadata(package.join(license)).is_ok_and(|meta| meta.len() > 0) {
                continue;
            }
            report.add(license, Fault::Unlicensed(format!("the licence of {name} is missing or empty")));
        }
    }
    let covered = |name: &str| {
        manifest.components.values().any(|component| component.libraries.iter().any(|l| l == name))
    };
    for file in objects.keys().filter(|file| file.parent() == Some(Utf8Path::new("lib"))) {
        if file.file_name().is_some_and(|name| !covered(name)) {
            let what =
                "no Debian package owns it, no formula of Homebrew, and no declared licence `covers` it"
                    .to_owned();
            report.add(file, Fault::Unlicensed(what));
        }
    }
}
