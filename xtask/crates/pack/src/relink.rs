//! Copies Mach-O files into a package: one processor's part, names that hold there, a new signature.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};

use camino::{Utf8Path, Utf8PathBuf};
use macho::{Change, Kind, MachError, Object, Slice, Target, head_len, is_system, plan_names};
use model::platform::Platform;
use rayon::prelude::*;

use crate::PackError;
use crate::closure::Closure;
use crate::image::{self, FileSource, Image, ImageError, Source as _};

/// What the names of Mach-O files mean, and where those files come to be.
pub(crate) struct Relink {
    platform: Platform,
    /// Which file each name of each file means.
    named: BTreeMap<(Utf8PathBuf, String), Utf8PathBuf>,
    places: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
    /// File names of libraries that are left to the host, under the name that they have.
    host: Vec<String>,
}

/// One file to write.
pub(crate) struct Job {
    pub(crate) from: Utf8PathBuf,
    /// Its place in the package.
    place: Utf8PathBuf,
    /// The same on this machine.
    pub(crate) target: Utf8PathBuf,
}

impl Relink {
    pub(crate) fn new(
        platform: Platform,
        closure: &Closure,
        places: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
    ) -> Self {
        let host = closure.host.keys().cloned().collect();
        Self { platform, named: closure.named.clone(), places, host }
    }

    /// The job of copying a file, if it is a Mach-O file that the loader deals with.
    pub(crate) fn job(&self, from: &Utf8Path, place: &Utf8Path, target: &Utf8Path) -> Option<Job> {
        // What cannot be read is copied as it is; the checks name it.
        let image = image::read_for(from, self.platform).ok()?;
        let job = || Job { from: from.to_owned(), place: place.to_owned(), target: target.to_owned() };
        matches!(image, Image::MachO(object) if object.kind != Kind::Other).then(job)
    }

    /// Carries jobs out. Hashing every page costs more than copying: all processors take part.
    pub(crate) fn run(&self, jobs: &[Job]) -> Result<(), PackError> {
        jobs.par_iter().try_for_each(|job| {
            let error = |error| PackError::Relocate { path: job.from.clone(), error };
            self.write(job).map_err(error)
        })
    }

    fn write(&self, job: &Job) -> Result<(), ImageError> {
        let mut from = fs_err::File::open(&job.from)?;
        let slice = self.slice(&job.from)?;
        let source = FileSource::part(fs_err::File::open(&job.from)?, slice);
        let len = head_len(&source.read_at(0, HEADER_LEN)?)?;
        let head = source.read_at(0, len)?;
        let object = Object::parse(&head, slice.size)?;
        let names = plan_names(&job.place, &object, &self.targets(job, &object))?;
        let identifier = job.place.file_name().unwrap_or_default();
        let change = Change::plan(&head, slice.size, &names, identifier)?;
        from.seek(SeekFrom::Start(slice.offset))?;
        // A file of its own, whatever shares the old one's bytes.
        let mut to = fs_err::OpenOptions::new().write(true).create_new(true).open(&job.target)?;
        Ok(change.write(&mut from.take(slice.size), &mut to)?)
    }

    /// The part of a file that the platform's loader takes.
    fn slice(&self, file: &Utf8Path) -> Result<Slice, ImageError> {
        let cpu = self.platform.arch.into();
        let whole = Slice { cpu, offset: 0, size: fs_err::metadata(file)?.len() };
        let Image::Fat(slices) = image::read(file)? else { return Ok(whole) };
        slices.into_iter().find(|slice| slice.cpu == cpu).ok_or_else(|| {
            MachError::Unsupported(format!("it is a fat file without a part for {}", self.platform)).into()
        })
    }

    fn targets(&self, job: &Job, object: &Object) -> Vec<Target> {
        let target = |dylib: &macho::Dylib| {
            let file = Utf8Path::new(&dylib.name).file_name().unwrap_or_default();
            let meant = self.named.get(&(job.from.clone(), dylib.name.clone()));
            match meant.and_then(|file| self.places.get(file)) {
                Some(place) => Target::Inside(place.clone()),
                None if is_system(&dylib.name) || self.host.iter().any(|host| host == file) => Target::System,
                None => Target::Absent(Utf8Path::new("lib").join(file)),
            }
        };
        object.dylibs.iter().map(target).collect()
    }
}

const HEADER_LEN: usize = 32;
