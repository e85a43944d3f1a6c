//! Reads an image back and verifies every digest, size and path on the way.

use super::LayoutError;
use super::documents::{ARCHIVE_FILE, Archived, FULL_NAME, INDEX_FILE, LAYOUT_FILE, VERSION, blob_path};
use super::layer::Hashing;
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use flate2::read::GzDecoder;
use model::oci::media::{LAYER, LAYER_GZIP};
use model::oci::{Descriptor, ImageConfig, ImageDigest, ImageManifest, Index, MAX_BYTES};
use model::platform::Platform;
use model::text::choice::UnknownName;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::io::{self, Read, Take};
use std::os::unix::fs::FileExt;
use tar::{Archive, EntryType};

const LARGEST_DOCUMENT: u64 = MAX_BYTES as u64;

/// An image that was read and verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Its name and tag, if it has any.
    pub reference: Option<String>,
    /// The digest of its manifest.
    pub digest: ImageDigest,
    /// What it runs on.
    pub platform: Platform,
    /// What is started.
    pub entrypoint: Vec<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What it holds, by path.
    pub contents: BTreeMap<Utf8PathBuf, Content>,
}

/// One thing in an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A directory.
    Directory,
    /// A file.
    File {
        /// Its permissions.
        mode: u32,
        /// Its size in bytes.
        size: u64,
        /// sha256 of its bytes, as images name it.
        digest: ImageDigest,
    },
    /// A symbolic link and its target.
    Link(Utf8PathBuf),
}

/// Reads a layout in a tar. Any disagreement between digests, sizes and bytes is an error.
pub fn read(path: &Utf8Path) -> Result<Image, LayoutError> {
    let reader = Reader { path, layout: Layout::open(path)? };
    if reader.document(LAYOUT_FILE)? != VERSION.as_bytes() {
        return Err(reader.wrong(format!("{LAYOUT_FILE} does not say version 1.0.0")));
    }
    let index: Index = reader.parse(INDEX_FILE, &reader.document(INDEX_FILE)?)?;
    let [descriptor] = index.manifests.as_slice() else {
        return Err(reader.wrong(format!("expected one image, found {}", index.manifests.len())));
    };
    let manifest: ImageManifest = reader.parse("the manifest", &reader.blob(descriptor)?)?;
    let config: ImageConfig = reader.parse("the configuration", &reader.blob(&manifest.config)?)?;
    reader.check_archive(&manifest)?;
    let mut image = Image {
        reference: descriptor.annotations.get(FULL_NAME).cloned(),
        digest: descriptor.digest.clone(),
        platform: config
            .platform()
            .parse()
            .map_err(|reason: UnknownName| reader.wrong(reason.to_string()))?,
        entrypoint: config.runtime.entrypoint,
        labels: config.runtime.labels,
        contents: BTreeMap::new(),
    };
    if manifest.layers.len() != config.rootfs.diff_ids.len() {
        return Err(reader.wrong("the manifest and the configuration count different layers"));
    }
    for (layer, diff_id) in manifest.layers.iter().zip(&config.rootfs.diff_ids) {
        reader.layer(layer, diff_id, &mut image.contents)?;
    }
    Ok(image)
}

/// Where the files of a layout are in its tar.
struct Layout {
    file: fs_err::File,
    /// Offset and size, by name.
    entries: BTreeMap<String, (u64, u64)>,
}

impl Layout {
    fn open(path: &Utf8Path) -> Result<Self, LayoutError> {
        let mut entries = BTreeMap::new();
        let mut archive = Archive::new(fs_err::File::open(path)?);
        for entry in archive.entries_with_seek()? {
            let entry = entry?;
            if entry.header().entry_type() == EntryType::Regular {
                let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                entries.insert(name, (entry.raw_file_position(), entry.size()));
            }
        }
        Ok(Self { file: archive.into_inner(), entries })
    }

    /// A file's bytes and their number; none if it is not there.
    fn file(&self, name: &str) -> Option<(Take<At<'_>>, u64)> {
        let &(at, size) = self.entries.get(name)?;
        Some((At { file: &self.file, at }.take(size), size))
    }
}

/// A file from an offset on.
struct At<'a> {
    file: &'a fs_err::File,
    at: u64,
}

impl Read for At<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.file.file().read_at(bytes, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

struct Reader<'a> {
    path: &'a Utf8Path,
    layout: Layout,
}

impl Reader<'_> {
    fn wrong(&self, reason: impl Into<String>) -> LayoutError {
        LayoutError::malformed(self.path, reason)
    }

    fn parse<T: DeserializeOwned>(&self, what: &str, bytes: &[u8]) -> Result<T, LayoutError> {
        serde_json::from_slice(bytes).map_err(|error| self.wrong(format!("{what}: {error}")))
    }

    fn document(&self, name: &str) -> Result<Vec<u8>, LayoutError> {
        let Some((reader, size)) = self.layout.file(name) else {
            return Err(self.wrong(format!("{name} is missing")));
        };
        if size > LARGEST_DOCUMENT {
            return Err(self.wrong(format!("{name} has {size} bytes; expected a small document")));
        }
        let mut bytes = Vec::new();
        reader.take(LARGEST_DOCUMENT).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn blob(&self, descriptor: &Descriptor) -> Result<Vec<u8>, LayoutError> {
        let bytes = self.document(&blob_path(&descriptor.digest))?;
        self.verify(descriptor, &ImageDigest::sha256(&bytes), bytes.len() as u64)?;
        Ok(bytes)
    }

    fn verify(&self, descriptor: &Descriptor, digest: &ImageDigest, size: u64) -> Result<(), LayoutError> {
        if descriptor.digest == *digest && descriptor.size == size {
            return Ok(());
        }
        let (expected, expected_size) = (&descriptor.digest, descriptor.size);
        Err(self.wrong(format!("expected {expected} of {expected_size} bytes, found {digest} of {size}")))
    }

    /// `manifest.json`, if it is there, must name the same blobs.
    fn check_archive(&self, manifest: &ImageManifest) -> Result<(), LayoutError> {
        if self.layout.file(ARCHIVE_FILE).is_none() {
            return Ok(());
        }
        let archived: Vec<Archived> = self.parse(ARCHIVE_FILE, &self.document(ARCHIVE_FILE)?)?;
        let layers: Vec<_> = manifest.layers.iter().map(|layer| blob_path(&layer.digest)).collect();
        let config = blob_path(&manifest.config.digest);
        match archived.as_slice() {
            [image] if image.config == config && image.layers == layers => Ok(()),
            _ => Err(self.wrong(format!("{ARCHIVE_FILE} names other blobs than {INDEX_FILE}"))),
        }
    }

    fn layer(
        &self,
        descriptor: &Descriptor,
        diff_id: &ImageDigest,
        contents: &mut BTreeMap<Utf8PathBuf, Content>,
    ) -> Result<(), LayoutError> {
        let name = blob_path(&descriptor.digest);
        let Some((reader, _)) = self.layout.file(&name) else {
            return Err(self.wrong(format!("{name} is missing")));
        };
        let mut stored = Hashing::new(reader);
        let decoded: Box<dyn Read + '_> = match descriptor.media_type.as_str() {
            LAYER => Box::new(&mut stored),
            LAYER_GZIP => Box::new(GzDecoder::new(&mut stored)),
            other => return Err(self.wrong(format!("a layer of the unknown type `{other}`"))),
        };
        let mut archive = Archive::new(Hashing::new(decoded));
        for entry in archive.entries()? {
            let mut entry = entry?;
            let path = self.inside(&entry.path_bytes())?;
            let content = match entry.header().entry_type() {
                EntryType::Directory => Content::Directory,
                EntryType::Symlink => {
                    let target = entry.link_name_bytes().unwrap_or_default().into_owned();
                    Content::Link(String::from_utf8_lossy(&target).into_owned().into())
                }
                EntryType::Regular => {
                    let (mode, size) = (entry.header().mode()?, entry.size());
                    let mut file = Hashing::new(&mut entry);
                    io::copy(&mut file, &mut io::sink())?;
                    Content::File { mode, size, digest: file.finish().1 }
                }
                other => return Err(self.wrong(format!("{path} is of the unexpected type {other:?}"))),
            };
            if contents.insert(path.clone(), content).is_some() {
                return Err(self.wrong(format!("{path} is there twice")));
            }
        }
        let mut inner = archive.into_inner();
        io::copy(&mut inner, &mut io::sink())?;
        let (rest, found, _) = inner.finish();
        drop(rest);
        io::copy(&mut stored, &mut io::sink())?;
        let (_, digest, size) = stored.finish();
        self.verify(descriptor, &digest, size)?;
        if found != *diff_id {
            return Err(self.wrong(format!("expected a layer whose tar is {diff_id}, found {found}")));
        }
        Ok(())
    }

    fn inside(&self, path: &[u8]) -> Result<Utf8PathBuf, LayoutError> {
        let text = std::str::from_utf8(path).map_err(|_| self.wrong("a file name that is not UTF-8"))?;
        let path = Utf8Path::new(text.trim_end_matches('/'));
        let is_plain = path.components().all(|part| matches!(part, Utf8Component::Normal(_)));
        if is_plain && !path.as_str().is_empty() {
            return Ok(path.components().collect());
        }
        Err(self.wrong(format!("`{text}` is not a plain path inside the image")))
    }
}
