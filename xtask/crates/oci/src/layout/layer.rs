//! Layers: deterministic tars (sorted, no times, no owners, two modes), and the reading of any other.

use super::LayoutError;
use camino::{Utf8Path, Utf8PathBuf};
use flate2::read::MultiGzDecoder;
use model::oci::ImageDigest;
use model::source::Sha256;
use sha2::Digest as _;
use std::io::{self, BufReader, Read, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use tar::{Archive, Builder, Entry, EntryType, Header};
use walkdir::WalkDir;

/// Bytes of the largest file that is read out of a layer: Python packages list every file of many wheels.
const LARGEST: u64 = 64 << 20;
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Writes the tar of a directory's contents, the same bytes each time.
pub fn write_tar(directory: &Utf8Path, out: impl Write) -> Result<(), LayoutError> {
    let mut paths: Vec<Utf8PathBuf> = Vec::new();
    for entry in WalkDir::new(directory).min_depth(1) {
        let entry = entry.map_err(io::Error::from)?;
        let path = Utf8PathBuf::try_from(entry.into_path()).map_err(io::Error::other)?;
        paths.push(path.strip_prefix(directory).map_err(io::Error::other)?.to_owned());
    }
    // By component, so that a directory comes before what it holds.
    paths.sort_by(|a, b| a.components().cmp(b.components()));
    let mut tar = Builder::new(out);
    for path in paths {
        append(&mut tar, &directory.join(&path), &path)?;
    }
    tar.into_inner()?.flush()?;
    Ok(())
}

fn append(tar: &mut Builder<impl Write>, from: &Utf8Path, path: &Utf8Path) -> Result<(), LayoutError> {
    let meta = fs_err::symlink_metadata(from)?;
    let kind = meta.file_type();
    let mut header = Header::new_gnu();
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(0);
    if kind.is_dir() {
        header.set_entry_type(EntryType::Directory);
        header.set_mode(0o755);
        tar.append_data(&mut header, format!("{path}/"), io::empty())?;
    } else if kind.is_symlink() {
        header.set_entry_type(EntryType::Symlink);
        header.set_mode(0o777);
        tar.append_link(&mut header, path, from.read_link_utf8()?)?;
    } else if kind.is_file() {
        header.set_entry_type(EntryType::Regular);
        header.set_mode(if meta.permissions().mode() & 0o100 == 0 { 0o644 } else { 0o755 });
        header.set_size(meta.len());
        tar.append_data(&mut header, path, fs_err::File::open(from)?)?;
    } else {
        return Err(LayoutError::malformed(from, "neither a file, a directory nor a link"));
    }
    Ok(())
}

/// The text of a file at the top of a layer; none if the layer has no such file. Nothing is unpacked.
pub fn file_in(layer: &Utf8Path, name: &str) -> Result<Option<String>, LayoutError> {
    for entry in open(layer)?.entries()? {
        let entry = entry?;
        let here = entry.path_bytes();
        let here = here.strip_prefix(b"./").unwrap_or(&here);
        if entry.header().entry_type() == EntryType::Regular && here == name.as_bytes() {
            return text(&layer.join(name), entry).map(Some);
        }
    }
    Ok(None)
}

/// The tar that a layer is, whether it is compressed or not.
pub(super) fn open(layer: &Utf8Path) -> Result<Archive<Box<dyn Read>>, LayoutError> {
    let mut file = BufReader::new(fs_err::File::open(layer)?);
    let mut magic = Vec::new();
    (&mut file).take(ZSTD.len() as u64).read_to_end(&mut magic)?;
    file.rewind()?;
    if magic.starts_with(&ZSTD) {
        let reason = "a layer compressed with zstd; this program reads gzip and plain ones";
        return Err(LayoutError::malformed(layer, reason));
    }
    let reader: Box<dyn Read> =
        if magic.starts_with(&GZIP) { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    Ok(Archive::new(reader))
}

/// The text of an entry; `path` is what errors call it.
pub(super) fn text<R: Read>(path: &Utf8Path, entry: Entry<'_, R>) -> Result<String, LayoutError> {
    if entry.size() > LARGEST {
        let reason = format!("{} bytes; expected at most {LARGEST}", entry.size());
        return Err(LayoutError::malformed(path, reason));
    }
    let mut text = String::new();
    entry.take(LARGEST).read_to_string(&mut text)?;
    Ok(text)
}

/// Digests and counts what passes through.
pub(super) struct Hashing<T> {
    inner: T,
    hasher: sha2::Sha256,
    size: u64,
}

impl<T> Hashing<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, hasher: sha2::Sha256::new(), size: 0 }
    }

    /// What was wrapped, the digest and the number of bytes.
    pub(super) fn finish(self) -> (T, ImageDigest, u64) {
        (self.inner, Sha256::from(self.hasher).into(), self.size)
    }

    fn note(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
    }
}

impl<T: Write> Write for Hashing<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.note(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Hashing<T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.note(&bytes[..read]);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};

    fn tar(files: &[(&str, &str)]) -> Vec<u8> {
        let mut tar = Builder::new(Vec::new());
        for (path, text) in files {
            let mut header = Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, path, text.as_bytes()).unwrap();
        }
        tar.into_inner().unwrap()
    }

    fn look(layer: &[u8]) -> Result<Option<String>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(dir.path()).unwrap().join("layer");
        fs_err::write(&path, layer).unwrap();
        file_in(&path, "package.json").map_err(|error| error.to_string())
    }

    #[test]
    fn found_in_plain_and_compressed_layers_and_nowhere_but_at_the_top() {
        let whole = tar(&[("lib/package.json", "no"), ("./package.json", "yes"), ("run", "x")]);
        assert_eq!(look(&whole), Ok(Some("yes".to_owned())));
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&whole).unwrap();
        assert_eq!(look(&gzip.finish().unwrap()), Ok(Some("yes".to_owned())));
        assert_eq!(look(&tar(&[("lib/package.json", "no")])), Ok(None));
        assert!(look(&[0x28, 0xb5, 0x2f, 0xfd, 0]).unwrap_err().contains("zstd"));
    }
}
