//! Writes an image.

use super::documents::{
    ARCHIVE_FILE, Archived, EPOCH, FULL_NAME, INDEX_FILE, LAYOUT_FILE, REF_NAME, VERSION, blob_path,
};
use super::layer::{Hashing, write_tar};
use super::{Compression, ImageSpec, LayoutError};
use camino::Utf8Path;
use flate2::write::GzEncoder;
use model::oci::media::{CONFIG, LAYER, LAYER_GZIP, OCI_MANIFEST};
use model::oci::{Descriptor, History, ImageConfig, ImageDigest, ImageManifest, Index, RootFs, Runtime};
use serde::Serialize;
use std::io::{BufWriter, Write};

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The digest of the image's manifest: what a registry calls the image.
    pub digest: ImageDigest,
    /// The size of its layer as stored.
    pub layer_size: u64,
}

/// Writes the image of a directory, `root`, as the file `out`; `scratch` is an empty directory for what is on its way.
pub fn write(
    root: &Utf8Path,
    spec: &ImageSpec,
    scratch: &Utf8Path,
    out: &Utf8Path,
) -> Result<Written, LayoutError> {
    let written = write_layout(root, spec, scratch)?;
    write_tar(scratch, BufWriter::new(fs_err::File::create(out)?))?;
    Ok(written)
}

fn write_layout(root: &Utf8Path, spec: &ImageSpec, layout: &Utf8Path) -> Result<Written, LayoutError> {
    let name = format!("{}:{}", spec.repository, spec.tag);
    fs_err::create_dir_all(layout.join("blobs/sha256"))?;
    let (mut descriptor, manifest) = image(root, spec, layout)?;
    let paths = manifest.layers.iter().map(|layer| blob_path(&layer.digest));
    let archived = Archived {
        config: blob_path(&manifest.config.digest),
        repo_tags: vec![name.clone()],
        layers: paths.collect(),
    };
    let layer_size = manifest.layers.iter().map(|layer| layer.size).sum();
    descriptor.annotations = [(FULL_NAME.into(), name), (REF_NAME.into(), spec.tag.to_string())].into();
    let digest = descriptor.digest.clone();
    let index = Index::new(vec![descriptor]);
    fs_err::write(layout.join(INDEX_FILE), json(&index)?)?;
    fs_err::write(layout.join(ARCHIVE_FILE), json(&[archived])?)?;
    fs_err::write(layout.join(LAYOUT_FILE), VERSION)?;
    Ok(Written { digest, layer_size })
}

/// Adds the image of a directory, `root`, to the blobs of a layout.
pub fn add(root: &Utf8Path, spec: &ImageSpec, layout: &Utf8Path) -> Result<Descriptor, LayoutError> {
    image(root, spec, layout).map(|(descriptor, _)| descriptor)
}

fn image(
    root: &Utf8Path,
    spec: &ImageSpec,
    layout: &Utf8Path,
) -> Result<(Descriptor, ImageManifest), LayoutError> {
    let blobs = Blobs { layout };
    let (layer, diff_id) = blobs.layer(root, spec.compression)?;
    let config = ImageConfig {
        architecture: spec.platform.arch.as_str().to_owned(),
        runtime: Runtime {
            entrypoint: spec.entrypoint.clone(),
            labels: spec.labels.clone(),
            working_dir: "/".into(),
        },
        created: Some(EPOCH.into()),
        history: vec![History { created: EPOCH.into(), created_by: "xtask pack".into() }],
        os: spec.platform.os.as_str().to_owned(),
        rootfs: RootFs { diff_ids: vec![diff_id], ..RootFs::default() },
        variant: None,
    };
    let manifest = ImageManifest::new(blobs.json(CONFIG, &config)?, vec![layer]);
    let mut descriptor = blobs.json(OCI_MANIFEST, &manifest)?;
    descriptor.platform = Some(spec.platform.into());
    Ok((descriptor, manifest))
}

/// The blobs of a layout.
struct Blobs<'a> {
    layout: &'a Utf8Path,
}

impl Blobs<'_> {
    fn json(&self, media_type: &str, document: &impl Serialize) -> Result<Descriptor, LayoutError> {
        let bytes = json(document)?;
        let digest = ImageDigest::sha256(&bytes);
        fs_err::write(self.layout.join(blob_path(&digest)), &bytes)?;
        Ok(Descriptor::new(media_type, digest, bytes.len() as u64))
    }

    /// Writes the layer; its descriptor, and the digest of the tar inside.
    fn layer(
        &self,
        root: &Utf8Path,
        compression: Compression,
    ) -> Result<(Descriptor, ImageDigest), LayoutError> {
        let temp = self.layout.join("layer");
        let file = Hashing::new(BufWriter::new(fs_err::File::create(&temp)?));
        let (file, diff_id, media_type) = match compression {
            Compression::None => {
                let mut tar = Hashing::new(file);
                write_tar(root, &mut tar)?;
                let (file, diff_id, _) = tar.finish();
                (file, diff_id, LAYER)
            }
            Compression::Gzip => {
                let mut tar = Hashing::new(GzEncoder::new(file, flate2::Compression::default()));
                write_tar(root, &mut tar)?;
                let (gzip, diff_id, _) = tar.finish();
                (gzip.finish()?, diff_id, LAYER_GZIP)
            }
        };
        let (mut file, digest, size) = file.finish();
        file.flush()?;
        fs_err::rename(temp, self.layout.join(blob_path(&digest)))?;
        Ok((Descriptor::new(media_type, digest, size), diff_id))
    }
}

fn json(document: &(impl Serialize + ?Sized)) -> Result<Vec<u8>, LayoutError> {
    Ok(serde_json::to_vec(document).map_err(std::io::Error::from)?)
}
