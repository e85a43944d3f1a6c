//! Unpacks archives that nobody vouches for: everything an entry may do is checked before it is done.

mod entry;
mod links;
mod sink;
mod tarball;
mod zipfile;

pub(crate) use entry::{Entry, clean};
pub(crate) use sink::Sink;
pub use sink::Unpacked;

use crate::io_error::IoError;
use crate::select::Selection;
use camino::{Utf8Path, Utf8PathBuf};
use halt::Run;
use std::io::{Read, Seek, SeekFrom};
use std::process::Command;

/// What an archive may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Entries of every kind.
    pub entries: u64,
    /// Unpacked bytes of all files together.
    pub bytes: u64,
    /// Bytes of one path or link target, and of one metadata record.
    pub path: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 200_000, bytes: 4 << 30, path: 4096 }
    }
}

/// What is wrong with an archive.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// It is cut short or no archive at all.
    #[error("broken archive: {0}")]
    Broken(std::io::Error),
    /// Neither tar (plain, gzip, xz, bzip2, zstd) nor zip.
    #[error(
        "not an archive that can be unpacked here: expected tar, tar.gz, tar.xz, tar.bz2, tar.zst or zip"
    )]
    UnknownFormat,
    /// A path that leaves the tree, or is no portable text.
    #[error("unsafe path `{0}`: absolute, with `..`, or not UTF-8; nothing of this archive is used")]
    Path(String),
    /// A link whose target leaves the tree.
    #[error("unsafe link `{path}` -> `{target}`: it points out of the tree; nothing of this archive is used")]
    Link {
        /// The link.
        path: Utf8PathBuf,
        /// Its target.
        target: String,
    },
    /// A device, a pipe, a sparse file, an encrypted file.
    #[error("`{path}` is {what}: not allowed in a source archive")]
    Kind {
        /// The entry.
        path: Utf8PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// Two entries claim one path.
    #[error("`{0}` occurs twice, or both as a file and as a directory")]
    Duplicate(Utf8PathBuf),
    /// A limit is passed.
    #[error("more than {limit} {what}: looks like a decompression bomb")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The unpacked files cannot be written.
    #[error(transparent)]
    Io(#[from] IoError),
}

/// How an archive's bytes begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Tar,
    Gzip,
    Zip,
    /// Handed to a decompressor, by its name.
    Program(&'static str),
}

impl Format {
    /// Recognises an archive by its first 512 bytes; the file's name says nothing that can be trusted.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [b'P', b'K', 3 | 5, 4 | 6, ..] => Some(Self::Zip),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Program("xz")),
            [b'B', b'Z', b'h', ..] => Some(Self::Program("bzip2")),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Program("zstd")),
            _ if head.get(257..262) == Some(b"ustar".as_slice()) => Some(Self::Tar),
            _ => None,
        }
    }

    pub(crate) fn detect(reader: &mut (impl Read + Seek)) -> Result<Option<Self>, UnpackError> {
        let mut head = Vec::with_capacity(512);
        reader.by_ref().take(512).read_to_end(&mut head).map_err(UnpackError::Broken)?;
        reader.seek(SeekFrom::Start(0)).map_err(UnpackError::Broken)?;
        Ok(Self::of(&head))
    }
}

/// Unpacks a tar, tar.gz or zip from `reader` into the directory `dest`, which must be new and private.
///
/// Only what `selection` places is written, yet every entry of the archive must be harmless.
pub fn unpack(
    mut reader: impl Read + Seek,
    dest: &Utf8Path,
    limits: &Limits,
    selection: &Selection,
) -> Result<Unpacked, UnpackError> {
    let format = Format::detect(&mut reader)?.ok_or(UnpackError::UnknownFormat)?;
    let mut sink = Sink::new(dest, limits, selection);
    walk(format, reader, limits, &mut |path, entry| sink.take(&path, entry))?;
    sink.finish()
}

/// Unpacks the archive file `path`; beyond [`unpack`] it knows what `xz`, `bzip2` and `zstd` can decompress.
pub fn unpack_file(
    path: &Utf8Path,
    dest: &Utf8Path,
    limits: &Limits,
    selection: &Selection,
) -> Result<Unpacked, UnpackError> {
    let mut sink = Sink::new(dest, limits, selection);
    walk_file(path, limits, &mut |path, entry| sink.take(&path, entry))?;
    sink.finish()
}

/// The one directory that holds everything in the archive, if there is one.
pub fn single_root(path: &Utf8Path, limits: &Limits) -> Result<Option<String>, UnpackError> {
    let mut root: Option<String> = None;
    let mut single = true;
    walk_file(path, limits, &mut |path, entry| {
        let mut parts = path.components();
        let first = parts.next().map_or("", |part| part.as_str());
        let is_directory = matches!(entry, Entry::Directory) || parts.next().is_some();
        single &= is_directory && root.as_deref().is_none_or(|root| root == first);
        root.get_or_insert_with(|| first.to_owned());
        Ok(())
    })?;
    Ok(root.filter(|_| single))
}

/// Is the file at `path` an archive at all?
pub fn is_archive(path: &Utf8Path) -> Result<bool, UnpackError> {
    let opening = |error| UnpackError::Io(IoError::new("opening the archive", path, error));
    let mut file = std::fs::File::open(path).map_err(opening)?;
    Ok(Format::detect(&mut file)?.is_some())
}

/// Receives each entry with its checked path.
type Visit<'a> = &'a mut dyn FnMut(Utf8PathBuf, Entry<'_>) -> Result<(), UnpackError>;

fn walk(
    format: Format,
    reader: impl Read + Seek,
    limits: &Limits,
    visit: Visit<'_>,
) -> Result<(), UnpackError> {
    match format {
        Format::Tar => tarball::walk(reader, limits, visit),
        Format::Gzip => tarball::walk(flate2::read::MultiGzDecoder::new(reader), limits, visit),
        Format::Zip => zipfile::walk(reader, limits, visit),
        Format::Program(_) => Err(UnpackError::UnknownFormat),
    }
}

fn walk_file(path: &Utf8Path, limits: &Limits, visit: Visit<'_>) -> Result<(), UnpackError> {
    let opening = |error| UnpackError::Io(IoError::new("opening the archive", path, error));
    let mut file = std::io::BufReader::new(std::fs::File::open(path).map_err(opening)?);
    match Format::detect(&mut file)?.ok_or(UnpackError::UnknownFormat)? {
        Format::Program(program) => {
            let mut command = Command::new(program);
            command.arg("-dc");
            let file = std::fs::File::open(path).map_err(opening)?;
            let reader = Run::new(command).input_file(file).stream().map_err(|error| {
                let hint = format!("install `{program}` to unpack this archive: {error}");
                UnpackError::Broken(std::io::Error::other(hint))
            })?;
            tarball::walk(reader, limits, visit)
        }
        format => walk(format, file, limits, visit),
    }
}
