//! `ci push`: an image from a file to registries, by digest.

use crate::cli::Push as Args;
use crate::exit::Done;
use anyhow::{Context, Result};
use camino::Utf8Path;
use drive::error::{Coded, told};
use drive::make::KEY_LABEL;
use drive::registries;
use drive::session::Session;
use drive::trusted::Signer;
use drive::workplace::Workplace;
use fetch::Selection;
use fetch::unpack::{Limits, unpack_file};
use model::event::{Event, Publish, decide};
use model::image_names::CacheTag;
use model::key::Key;
use oci::layout::{self, Image, blob_path};
use oci::{Client, ImageDigest, Manifest, Repository};

/// What a package may unpack to: those with a whole CUDA in them are the largest.
const LARGEST: u64 = 32 << 30;

/// Verifies the image and pushes it.
pub fn run(session: &Session, args: &Args) -> Result<Done> {
    let decision = decide(&Event::read(&exec::event::capture()), true);
    if decision.publish != Publish::Released {
        session.ui.done(&format!("nothing is pushed ({})", decision.reason));
        return Ok(Done::Well);
    }
    let image = layout::read(&args.file)
        .map_err(|error| Coded::Usage(format!("{} is not an image: {error}", args.file)))?;
    let place = Workplace::new(session, "push")?;
    let scratch = place.dir();
    let limits = Limits { bytes: LARGEST, ..Limits::default() };
    unpack_file(&args.file, scratch, &limits, &Selection::default())
        .with_context(|| format!("cannot unpack {}", args.file))?;
    let client = registries::client();
    targets(session, args)?.iter().try_for_each(|to| push(&client, scratch, &image.digest, to))?;
    if decision.cache.write
        && let Err(error) = keep(session, args, &client, scratch, &image)
    {
        session.ui.warn(&format!("nobody will find the image under its key: {}", told(&error)));
    }
    if let Some(dir) = &args.digests {
        fs_err::create_dir_all(dir)?;
        fs_err::write(dir.join(image.digest.hex()), "")?;
    }
    session.ui.done(&format!("pushed {} for {}", image.digest, image.platform));
    Ok(Done::Well)
}

fn targets(session: &Session, args: &Args) -> Result<Vec<Repository>> {
    if !args.publish_to.is_empty() {
        return Ok(args.publish_to.clone());
    }
    session.manifests.registry.backends.iter().map(|text| registries::repository(text)).collect()
}

/// Has the image in the cache repository under the key that it says it is of, and says who made it. Whoever takes it makes
/// sure that its package says the same.
fn keep(session: &Session, args: &Args, client: &Client, layout: &Utf8Path, image: &Image) -> Result<()> {
    let key: Key = image.labels.get(KEY_LABEL).context("it says no key")?.parse()?;
    let cache = args
        .registry
        .clone()
        .map_or_else(|| registries::repository(&session.manifests.registry.cache), Ok)?;
    let tag = CacheTag::Image(key).tag();
    push(client, layout, &image.digest, &cache)?;
    client.tag(&cache, &image.digest, &tag)?;
    Signer::attest(session, client, &cache, &tag, &image.digest)
}

/// Blobs first: a registry refuses a manifest that names what it does not have.
fn push(client: &Client, layout: &Utf8Path, digest: &ImageDigest, to: &Repository) -> Result<()> {
    let blob = |digest: &ImageDigest| layout.join(blob_path(digest));
    let bytes = fs_err::read(blob(digest))?;
    let manifest = Manifest::parse(&bytes)?;
    for descriptor in manifest.blobs() {
        client.push_blob(to, &blob(&descriptor.digest))?;
    }
    client.put_manifest(to, &digest.clone().into(), &bytes, manifest.media_type())?;
    Ok(())
}
