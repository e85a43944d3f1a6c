//! Object files: what they are made for, what they need, what they provide. Never panics, whatever the bytes are.

mod edit;
mod elf;
mod layout;
mod source;
mod versions;

use std::io;

use camino::Utf8Path;
use goblin::elf::header::ELFMAG;
use goblin::mach::{fat, header};
use macho::Slice;
use model::platform::{Os, Platform};
use thiserror::Error;

pub use edit::{Patch, relocate};
pub use elf::{Elf, Kind, Machine};
pub use source::{FileSource, Source};
pub use versions::Requirement;

/// Room for more slices than any fat file has.
const FAT_HEAD: usize = 1024;

/// A file, by its object format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// An ELF object.
    Elf(Elf),
    /// A Mach-O object.
    MachO(macho::Object),
    /// Several Mach-O objects in one file.
    Fat(Vec<Slice>),
    /// No object file: a script, data, an archive.
    Data,
}

/// Why an object file cannot be read or edited.
#[derive(Debug, Error)]
pub enum ImageError {
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file starts like an object file and goes on like none.
    #[error("malformed object file: {0}")]
    Malformed(String),
    /// The same of a Mach-O file.
    #[error(transparent)]
    MachO(#[from] macho::MachError),
    /// The string table leaves no room for an edit.
    #[error("cannot shorten the run path `{0}`: other names share its bytes; link without it instead")]
    Shared(String),
}

impl Image {
    /// Does the loader of a platform take it?
    pub fn runs_on(&self, platform: Platform) -> bool {
        match self {
            Self::Elf(elf) => platform.os == Os::Linux && elf.machine == Machine::of(platform),
            Self::MachO(object) => platform.os == Os::Darwin && object.cpu == platform.arch.into(),
            Self::Fat(_) | Self::Data => false,
        }
    }

    /// Is it a program or a library?
    pub fn is_loaded(&self) -> bool {
        match self {
            Self::Elf(elf) => elf.kind != Kind::Other,
            Self::MachO(object) => object.kind != macho::Kind::Other,
            Self::Fat(_) => true,
            Self::Data => false,
        }
    }
}

impl ImageError {
    pub(crate) fn malformed(reason: impl Into<String>) -> Self {
        Self::Malformed(reason.into())
    }
}

/// Reads an object file from memory.
pub fn parse(bytes: &[u8]) -> Result<Image, ImageError> {
    read_source(bytes)
}

/// Reads an object file from disk: its headers and dynamic section, not its code.
pub fn read(path: &Utf8Path) -> Result<Image, ImageError> {
    read_source(&FileSource::new(fs_err::File::open(path)?)?)
}

/// Reads an object file, or the part of a fat file that a platform's loader takes.
pub fn read_for(path: &Utf8Path, platform: Platform) -> Result<Image, ImageError> {
    match read(path)? {
        Image::Fat(slices) => match slices.into_iter().find(|slice| slice.cpu == platform.arch.into()) {
            Some(slice) => read_source(&FileSource::part(fs_err::File::open(path)?, slice)),
            None => Ok(Image::Data),
        },
        image => Ok(image),
    }
}

fn read_source<S: Source + ?Sized>(source: &S) -> Result<Image, ImageError> {
    let Ok(magic) = <[u8; 4]>::try_from(source.read_at(0, 4)?) else { return Ok(Image::Data) };
    if magic == *ELFMAG {
        return elf::read(source).map(Image::Elf);
    }
    match u32::from_be_bytes(magic) {
        header::MH_MAGIC | header::MH_CIGAM | header::MH_MAGIC_64 | header::MH_CIGAM_64 => {
            let len = macho::head_len(&source.read_at(0, header::SIZEOF_HEADER_64)?)?;
            Ok(Image::MachO(macho::Object::parse(&source.read_at(0, len)?, source.size()?)?))
        }
        fat::FAT_MAGIC => {
            let slices = macho::slices(&source.read_at(0, FAT_HEAD)?, source.size()?)?;
            Ok(if slices.is_empty() { Image::Data } else { Image::Fat(slices) })
        }
        _ => Ok(Image::Data),
    }
}
