//! Pushes the images of a bundle.

use super::read::{Bundle, Image};
use anyhow::Result;
use model::image_names::CacheTag;
use model::oci::{Descriptor, Repository, Tag};
use oci::{Client, Manifest};

/// Pushes the list of an image and all that it lists, blobs first, the tag last. Each package is found under its key as
/// well.
pub fn push(client: &Client, bundle: &Bundle, image: &Image, to: &Repository, tag: &Tag) -> Result<()> {
    for leg in &image.legs {
        let bytes = fs_err::read(bundle.blob(&leg.image.digest))?;
        for blob in Manifest::parse(&bytes)?.blobs() {
            client.push_blob(to, &bundle.blob(&blob.digest))?;
        }
        let Descriptor { digest, media_type, .. } = &leg.image;
        client.put_manifest(to, &digest.clone().into(), &bytes, media_type)?;
        client.tag(to, digest, &CacheTag::Image(leg.key).tag())?;
    }
    let bytes = fs_err::read(bundle.blob(&image.list.digest))?;
    client.put_manifest(to, &tag.clone().into(), &bytes, &image.list.media_type)?;
    Ok(())
}
