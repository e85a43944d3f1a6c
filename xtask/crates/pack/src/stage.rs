//! Puts files into a package that is being made: one mode for all machines, run paths that stay inside.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::{FileExt, PermissionsExt};

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use crate::PackError;
use crate::image::{self, FileSource, Image};
use crate::manifest::utf8;
use crate::paths::kept;
use crate::relink::{Job, Relink};
use crate::spec::Data;
use model::text::paths::normalize;

/// A package directory that is being filled.
pub(crate) struct Staging {
    root: Utf8PathBuf,
    /// Who put what where.
    placed: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
    /// How Mach-O files are copied, and those that are to be.
    relink: Option<Relink>,
    jobs: Vec<Job>,
}

impl Staging {
    /// Fills an existing directory.
    pub(crate) fn at(root: Utf8PathBuf) -> Result<Self, PackError> {
        set_mode(&root, 0o755)?;
        Ok(Self { root, placed: BTreeMap::new(), relink: None, jobs: Vec::new() })
    }

    /// Gives Mach-O files the names that they need here.
    pub(crate) fn relinks(&mut self, relink: Relink) {
        self.relink = Some(relink);
    }

    /// Writes the Mach-O files that were staged, and says which they are.
    pub(crate) fn finish(&mut self) -> Result<Vec<Utf8PathBuf>, PackError> {
        let jobs = std::mem::take(&mut self.jobs);
        let Some(relink) = &self.relink else { return Ok(Vec::new()) };
        relink.run(&jobs)?;
        let finish = |job: Job| {
            set_mode(&job.target, if is_executable(&job.from)? { 0o755 } else { 0o644 })?;
            Ok(job.target)
        };
        jobs.into_iter().map(finish).collect()
    }

    /// Copies a file, through links, unless a tree brought the same one. Run paths that leave the package are cut.
    pub(crate) fn file(&mut self, from: &Utf8Path, to: &Utf8Path) -> Result<(), PackError> {
        if self.placed.get(to).is_some_and(|first| same(first, from)) {
            return Ok(());
        }
        let target = self.place(from, to)?;
        if let Some(job) = self.relink.as_ref().and_then(|relink| relink.job(from, to, &target)) {
            self.jobs.push(job);
            return Ok(());
        }
        fs_err::copy(from, &target)?;
        let executable = is_executable(from)?;
        // Writable while it is edited: a source may be read-only.
        set_mode(&target, 0o755)?;
        relocate(&target, to)?;
        set_mode(&target, if executable { 0o755 } else { 0o644 })
    }

    /// Writes a file.
    pub(crate) fn text(&mut self, to: &Utf8Path, text: &str, executable: bool) -> Result<(), PackError> {
        self.bytes(to, text.as_bytes(), executable)
    }

    /// Writes a file.
    pub(crate) fn bytes(&mut self, to: &Utf8Path, bytes: &[u8], executable: bool) -> Result<(), PackError> {
        let target = self.place(Utf8Path::new("the packager"), to)?;
        fs_err::write(&target, bytes)?;
        set_mode(&target, if executable { 0o755 } else { 0o644 })
    }

    /// Makes a symbolic link, because `from` is one or wants one.
    pub(crate) fn link(
        &mut self,
        from: &Utf8Path,
        to: &Utf8Path,
        points_at: &Utf8Path,
    ) -> Result<(), PackError> {
        let target = self.place(from, to)?;
        Ok(fs_err::os::unix::fs::symlink(points_at, target)?)
    }

    /// Copies a file or a whole tree. Links stay links; an absolute one into any of `names` becomes relative.
    pub(crate) fn tree(&mut self, data: &Data, names: &[Data]) -> Result<(), PackError> {
        for entry in WalkDir::new(&data.from).sort_by_file_name() {
            let entry = entry.map_err(std::io::Error::from)?;
            let from = utf8(entry.path())?;
            let to = join(&data.to, from.strip_prefix(&data.from).unwrap_or(Utf8Path::new("")));
            let kind = entry.file_type();
            if kind.is_dir() {
                self.directory(&to)?;
            } else if kind.is_symlink() {
                let points_at = inside(&from.read_link_utf8()?, &to, names);
                self.link(from, &to, &points_at)?;
            } else if from.is_file() {
                self.file(from, &to)?;
            } else {
                return Err(PackError::Spec(format!("{from} is neither a file, a directory nor a link")));
            }
        }
        Ok(())
    }

    pub(crate) fn root(&self) -> &Utf8Path {
        &self.root
    }

    fn place(&mut self, from: &Utf8Path, to: &Utf8Path) -> Result<Utf8PathBuf, PackError> {
        if let Some(first) = self.placed.insert(to.to_owned(), from.to_owned()) {
            return Err(PackError::Collision { path: to.to_owned(), first, second: from.to_owned() });
        }
        if let Some(parent) = to.parent() {
            self.directory(parent)?;
        }
        Ok(self.root.join(to))
    }

    fn directory(&self, to: &Utf8Path) -> Result<(), PackError> {
        let path = self.root.join(to);
        if path.is_dir() {
            return Ok(());
        }
        if let Some(parent) = to.parent() {
            self.directory(parent)?;
        }
        fs_err::create_dir(&path)?;
        set_mode(&path, 0o755)
    }
}

/// Do two paths lead to one file?
fn same(one: &Utf8Path, other: &Utf8Path) -> bool {
    let real = |path: &Utf8Path| path.canonicalize_utf8().ok();
    real(one).is_some_and(|one| Some(one) == real(other))
}

fn is_executable(path: &Utf8Path) -> Result<bool, PackError> {
    Ok(fs_err::metadata(path)?.permissions().mode() & 0o100 != 0)
}

/// The same whatever the umask is.
fn set_mode(path: &Utf8Path, mode: u32) -> Result<(), PackError> {
    Ok(fs_err::set_permissions(path, Permissions::from_mode(mode))?)
}

/// Cuts the run paths of an object file at `place` of the package.
fn relocate(file: &Utf8Path, place: &Utf8Path) -> Result<(), PackError> {
    let wrong = |error| PackError::Relocate { path: place.to_owned(), error };
    // A broken object file is copied as it is; the checks name it.
    let Ok(Image::Elf(elf)) = image::read(file) else { return Ok(()) };
    if elf.rpath.is_empty() && elf.runpath.is_empty() {
        return Ok(());
    }
    let source = FileSource::new(fs_err::File::open(file)?)?;
    let patches = image::relocate(&source, |entries| kept(entries, place)).map_err(wrong)?;
    if !patches.is_empty() {
        let file = fs_err::OpenOptions::new().write(true).open(file)?;
        for patch in patches {
            file.file().write_all_at(&patch.bytes, patch.offset)?;
        }
    }
    Ok(())
}

/// A link's target as the package should have it.
fn inside(points_at: &Utf8Path, link: &Utf8Path, names: &[Data]) -> Utf8PathBuf {
    let moved = names.iter().find_map(|data| Some(join(&data.to, points_at.strip_prefix(&data.from).ok()?)));
    let Some(target) = moved.and_then(|path| normalize(&path)) else { return points_at.to_owned() };
    let up = link.components().count().saturating_sub(1);
    let mut relative = Utf8PathBuf::from("../".repeat(up));
    relative.push(target);
    relative
}

/// Joins without a trailing slash for an empty rest.
fn join(base: &Utf8Path, rest: &Utf8Path) -> Utf8PathBuf {
    if rest.as_str().is_empty() { base.to_owned() } else { base.join(rest) }
}
