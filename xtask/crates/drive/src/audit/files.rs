//! What is in the images: read layer by layer, none unpacked, none kept.

use super::images::{Found, Whole};
use crate::session::Session;
use crate::workplace::Workplace;
use anyhow::{Context, Result};
use camino::Utf8Path;
use ci::audit::{Entry, Files, Image, Package};
use model::oci::ImageDigest;
use oci::Client;
use pack::oci::{Listed, Listing};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The label that every image of this project has.
const KEY: &str = "package.key";

/// Reads the images whose layers are no larger than `most`.
pub fn read(
    session: &Session,
    client: &Client,
    found: Found,
    most: u64,
) -> Result<BTreeMap<ImageDigest, Image>> {
    let place = Workplace::new(session, "layers")?;
    let progress = session.ui.progress("images");
    let images: Vec<(ImageDigest, Whole)> = found.0.into_iter().collect();
    let read: Result<BTreeMap<ImageDigest, Image>> = images
        .into_par_iter()
        .map(|(digest, whole)| {
            let image = image(client, place.dir(), &digest, &whole, most)
                .with_context(|| format!("reading {}@{digest}", whole.repository))?;
            progress.line(&format!("{}@{digest}", whole.repository));
            Ok((digest, image))
        })
        .collect();
    progress.finish(&session.ui);
    read
}

fn image(client: &Client, dir: &Utf8Path, digest: &ImageDigest, whole: &Whole, most: u64) -> Result<Image> {
    let config = &whole.config;
    let entrypoint = config.runtime.entrypoint.as_ref().and_then(|words| words.first()).cloned();
    let bytes = whole.layers.iter().map(|layer| layer.size).sum();
    let files = if whole.complete && bytes <= most {
        let mut listing = Listing::default();
        for layer in &whole.layers {
            let file = dir.join(format!("{}-{}", digest.hex(), layer.digest.hex()));
            let listed = client
                .blob(&whole.repository, &layer.digest, &file)
                .map_err(anyhow::Error::from)
                .and_then(|()| Ok(pack::oci::list(&file, &mut listing)?));
            match fs_err::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => listed?,
            }
        }
        contents(&listing, entrypoint.as_deref())
    } else {
        Files::Unread(bytes)
    };
    let labels = config.runtime.labels.as_ref();
    Ok(Image {
        platform: format!("{}/{}", config.os, config.architecture),
        key: labels.and_then(|labels| labels.get(KEY)).cloned(),
        entrypoint,
        files,
    })
}

fn contents(listing: &Listing, entrypoint: Option<&str>) -> Files {
    let path = entrypoint.unwrap_or_default().trim_start_matches('/');
    let entry = match listing.get(Utf8Path::new(path)) {
        Some(Listed::File { executable: true, .. }) => Entry::Program,
        Some(Listed::File { .. }) => Entry::NotExecutable,
        _ => Entry::Missing,
    };
    let package = listing.package.as_ref().map(|package| Package {
        backend: package.name.clone(),
        variant: package.variant.clone(),
        platform: package.platform.to_string(),
        missing: listing.missing(package).iter().map(ToString::to_string).collect(),
    });
    Files::Read { entry, package }
}
