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
use thiserror::Error;

pub use edit::{Patch, relocate};
pub use elf::{Elf, Kind, Machine};
pub use source::{FileSource, Source};
pub use versions::Requirement;

/// A file, by its object format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// An ELF object.
    Elf(Elf),
    /// A Mach-O object; recognised only.
    MachO,
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
    /// The string table leaves no room for an edit.
    #[error("cannot shorten the run path `{0}`: other names share its bytes; link without it instead")]
    Shared(String),
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

fn read_source<S: Source + ?Sized>(source: &S) -> Result<Image, ImageError> {
    let Ok(magic) = <[u8; 4]>::try_from(source.read_at(0, 4)?) else { return Ok(Image::Data) };
    if magic == *ELFMAG {
        return elf::read(source).map(Image::Elf);
    }
    match u32::from_be_bytes(magic) {
        header::MH_MAGIC | header::MH_CIGAM | header::MH_MAGIC_64 | header::MH_CIGAM_64 => Ok(Image::MachO),
        fat::FAT_MAGIC if is_fat(source)? => Ok(Image::MachO),
        _ => Ok(Image::Data),
    }
}

/// Java classes share the magic number; their next word is a version above 44, never a number of architectures.
fn is_fat<S: Source + ?Sized>(source: &S) -> Result<bool, ImageError> {
    let count = <[u8; 4]>::try_from(source.read_at(4, 4)?).map_or(0, u32::from_be_bytes);
    Ok((1..40).contains(&count))
}
