//! What is in the images: read layer by layer, none unpacked, none kept.

use super::images::{Found, Whole};
use crate::session::Session;
use crate::workplace::Workplace;
use anyhow::{Context, Result};
use camino::Utf8Path;
use ci::audit::{Entry, Files, Image, Package};
use model::oci::ImageDigest;
use oci::Client;
use oci::layout::{Listed, Listing};
use pack::{MANIFEST_FILE, Manifest};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The labels by which images of backends and root images say their keys.
const KEYS: [&str; 2] = ["package.key", "inference-backends.root.key"];

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
    let entrypoint = config.runtime.entrypoint.first();
    let bytes = whole.layers.iter().map(|layer| layer.size).sum();
    let files = if whole.complete && bytes <= most {
        let mut listing = Listing::new(MANIFEST_FILE);
        for layer in &whole.layers {
            let file = dir.join(format!("{}-{}", digest.hex(), layer.digest.hex()));
            let listed = client
                .blob(&whole.repository, &layer.digest, &file)
                .map_err(anyhow::Error::from)
                .and_then(|()| Ok(listing.add(&file)?));
            match fs_err::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => listed?,
            }
        }
        contents(&listing, entrypoint)?
    } else {
        Files::Unread(bytes)
    };
    Ok(Image {
        platform: config.platform(),
        key: KEYS.iter().find_map(|label| config.runtime.labels.get(*label)).cloned(),
        entrypoint: entrypoint.cloned(),
        files,
    })
}

fn contents(listing: &Listing, entrypoint: Option<&String>) -> Result<Files> {
    let path = entrypoint.map_or("", |path| path.trim_start_matches('/'));
    let entry = match listing.get(Utf8Path::new(path)) {
        Some(Listed::File { executable: true, .. }) => Entry::Program,
        Some(Listed::File { .. }) => Entry::NotExecutable,
        _ => Entry::Missing,
    };
    let package = |text: &String| -> Result<Package> {
        let package = Manifest::parse(text, Utf8Path::new(MANIFEST_FILE))?;
        let files = package.files.iter().map(|(path, entry)| (path, entry.size()));
        let missing = listing.missing(files).into_iter().map(ToString::to_string).collect();
        let platform = package.platform.to_string();
        Ok(Package { backend: package.name, variant: package.variant, platform, missing })
    };
    Ok(Files::Read { entry, package: listing.text.as_ref().map(package).transpose()? })
}
