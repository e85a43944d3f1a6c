//! Writes an image: to a temporary place beside the target, renamed when it is whole.

use std::io::{BufWriter, Write};

use camino::Utf8Path;
use flate2::write::GzEncoder;
use serde::Serialize;

use super::documents::{
    ARCHIVE_FILE, Archived, CONFIG, Config, Descriptor, EPOCH, FULL_NAME, History, INDEX, INDEX_FILE,
    ImageManifest, Index, LAYER, LAYER_GZIP, LAYOUT, LAYOUT_FILE, MANIFEST, OciPlatform, REF_NAME, RootFs,
    Runtime, blob_path,
};
use super::layer::{Hashing, digest, write_tar};
use super::{Compression, Form, ImageSpec};
use crate::PackError;
use crate::scratch::Scratch;

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The digest of the image's manifest: what a registry calls the image.
    pub digest: String,
    /// The size of its layer as stored.
    pub layer_size: u64,
}

/// Writes the image of a package at `out`, replacing what is there.
pub fn write(package: &Utf8Path, spec: &ImageSpec, out: &Utf8Path, form: Form) -> Result<Written, PackError> {
    let scratch = Scratch::beside(out)?;
    let layout = scratch.join("layout");
    fs_err::create_dir(&layout)?;
    let written = write_layout(package, spec, &layout)?;
    let made = match form {
        Form::Directory => layout,
        Form::Tar => {
            let tar = scratch.join("image.tar");
            let file = BufWriter::new(fs_err::File::create(&tar)?);
            write_tar(&layout, file)?;
            tar
        }
    };
    if out.is_dir() {
        fs_err::rename(out, scratch.join("previous"))?;
    }
    fs_err::rename(made, out)?;
    Ok(written)
}

fn write_layout(package: &Utf8Path, spec: &ImageSpec, layout: &Utf8Path) -> Result<Written, PackError> {
    let tag = tag(&spec.reference)?;
    let blobs = Blobs { layout };
    fs_err::create_dir_all(layout.join("blobs/sha256"))?;
    let (layer, diff_id) = blobs.layer(package, spec.compression)?;
    let (architecture, os) = (spec.platform.arch.as_str().to_owned(), spec.platform.os.as_str().to_owned());
    let config = Config {
        architecture: architecture.clone(),
        runtime: Runtime {
            entrypoint: spec.entrypoint.clone(),
            labels: spec.labels.clone(),
            working_dir: "/".into(),
        },
        created: EPOCH.into(),
        history: vec![History { created: EPOCH.into(), created_by: "xtask pack".into() }],
        os: os.clone(),
        rootfs: RootFs { diff_ids: vec![diff_id], kind: "layers".into() },
    };
    let config = blobs.json(CONFIG, &config)?;
    let archived = Archived {
        config: blob_path(&config.digest).unwrap_or_default(),
        repo_tags: vec![spec.reference.clone()],
        layers: vec![blob_path(&layer.digest).unwrap_or_default()],
    };
    let layer_size = layer.size;
    let manifest =
        ImageManifest { schema_version: 2, media_type: MANIFEST.into(), config, layers: vec![layer] };
    let mut manifest = blobs.json(MANIFEST, &manifest)?;
    manifest.annotations =
        [(FULL_NAME.into(), spec.reference.clone()), (REF_NAME.into(), tag.to_owned())].into();
    manifest.platform = Some(OciPlatform { architecture, os });
    let digest = manifest.digest.clone();
    let index = Index { schema_version: 2, media_type: INDEX.into(), manifests: vec![manifest] };
    fs_err::write(layout.join(INDEX_FILE), json(&index)?)?;
    fs_err::write(layout.join(ARCHIVE_FILE), json(&[archived])?)?;
    fs_err::write(layout.join(LAYOUT_FILE), LAYOUT)?;
    Ok(Written { digest, layer_size })
}

/// The blobs of a layout.
struct Blobs<'a> {
    layout: &'a Utf8Path,
}

impl Blobs<'_> {
    fn json(&self, media_type: &str, document: &impl Serialize) -> Result<Descriptor, PackError> {
        let bytes = json(document)?;
        let digest = digest(&bytes);
        fs_err::write(self.layout.join(blob_path(&digest).unwrap_or_default()), &bytes)?;
        Ok(descriptor(media_type, digest, bytes.len() as u64))
    }

    /// Writes the layer; its descriptor, and the digest of the tar inside.
    fn layer(&self, package: &Utf8Path, compression: Compression) -> Result<(Descriptor, String), PackError> {
        let temp = self.layout.join("layer");
        let file = Hashing::new(BufWriter::new(fs_err::File::create(&temp)?));
        let (file, diff_id, media_type) = match compression {
            Compression::None => {
                let mut tar = Hashing::new(file);
                write_tar(package, &mut tar)?;
                let (file, diff_id, _) = tar.finish();
                (file, diff_id, LAYER)
            }
            Compression::Gzip => {
                let mut tar = Hashing::new(GzEncoder::new(file, flate2::Compression::default()));
                write_tar(package, &mut tar)?;
                let (gzip, diff_id, _) = tar.finish();
                (gzip.finish()?, diff_id, LAYER_GZIP)
            }
        };
        let (mut file, digest, size) = file.finish();
        file.flush()?;
        fs_err::rename(temp, self.layout.join(blob_path(&digest).unwrap_or_default()))?;
        Ok((descriptor(media_type, digest, size), diff_id))
    }
}

fn descriptor(media_type: &str, digest: String, size: u64) -> Descriptor {
    Descriptor { media_type: media_type.into(), digest, size, annotations: [].into(), platform: None }
}

fn json(document: &(impl Serialize + ?Sized)) -> Result<Vec<u8>, PackError> {
    Ok(serde_json::to_vec(document).map_err(std::io::Error::from)?)
}

/// The tag of `name:tag`; archives without a tag are not loadable by name.
fn tag(reference: &str) -> Result<&str, PackError> {
    let last = reference.rsplit('/').next().unwrap_or(reference);
    match last.split_once(':') {
        Some((name, tag)) if !name.is_empty() && !tag.is_empty() => Ok(tag),
        _ => Err(PackError::Spec(format!("the image reference `{reference}` is not of the form NAME:TAG"))),
    }
}
