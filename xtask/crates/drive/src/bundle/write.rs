//! Writes a bundle.

use super::find::{At, Found};
use super::read::{Bundle, sums};
use super::{ALIAS, GALLERY, INDEX, KEY, LAYOUT, NAME, PLACE, SUMS, TAG};
use crate::make::{image_spec, remove};
use crate::session::Session;
use anyhow::Result;
use camino::Utf8Path;
use ci::audit::{Named, Report, Seen, SeenRepository, promises};
use ci::gallery::{Channel, gallery};
use model::oci::{Descriptor, ImageDigest, Index, Repository, Tag, media};
use oci::Client;
use oci::layout::{self, blob_path};
use pack::{Manifest, Scratch};
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufWriter;

/// Writes the packages that were found, and reads them back. The digest of the list of what is in it.
pub fn write(
    session: &Session,
    found: &[Found],
    client: &Client,
    repository: &Repository,
    output: &Utf8Path,
) -> Result<ImageDigest> {
    let scratch = Scratch::beside(output)?;
    let (dir, tar) = (scratch.join("layout"), scratch.join("bundle.tar"));
    fs_err::create_dir_all(dir.join("blobs/sha256"))?;
    let (mut lists, mut named) = (Vec::new(), BTreeMap::new());
    for group in found.chunk_by(|a, b| a.suffix == b.suffix) {
        let mut legs = Vec::new();
        for found in group {
            let progress = session.ui.progress(&found.unit.to_string());
            legs.push(image(found, client, repository, &scratch, &dir)?);
            progress.finish(&session.ui);
        }
        let tag: Tag = format!("{NAME}{}", group[0].suffix).parse()?;
        let of = |(found, leg): (&Found, &Descriptor)| (found.unit.platform.to_string(), leg.digest.clone());
        let of = group.iter().zip(&legs).map(of).collect();
        let mut list = blob(&dir, media::OCI_INDEX, &serde_json::to_vec(&Index::new(legs))?)?;
        list.annotations =
            [(ALIAS.to_owned(), group[0].unit.backend.to_string()), (TAG.to_owned(), tag.to_string())].into();
        named.insert(tag, Named { digest: list.digest.clone(), legs: of, version: None });
        lists.push(list);
    }
    fs_err::write(dir.join(LAYOUT), layout::VERSION)?;
    let index = serde_json::to_vec(&Index::new(lists))?;
    fs_err::write(dir.join(INDEX), &index)?;
    fs_err::write(dir.join(GALLERY), entries(session, named)?)?;
    fs_err::write(dir.join(SUMS), sums(&dir)?)?;
    layout::write_tar(&dir, BufWriter::new(fs_err::File::create(&tar)?))?;
    Bundle::open(session, &tar)?.verify()?;
    fs_err::rename(&tar, output)?;
    Ok(ImageDigest::sha256(&index))
}

/// Has the image of a package in the layout.
fn image(
    found: &Found,
    client: &Client,
    repository: &Repository,
    scratch: &Scratch,
    dir: &Utf8Path,
) -> Result<Descriptor> {
    let mut descriptor = match &found.at {
        At::Cache(entry) => {
            let package = scratch.join("package");
            entry.restore(package.as_std_path())?;
            let spec = image_spec(&found.unit, Manifest::read(&package)?)?;
            let descriptor = layout::add(&package, &spec, dir)?;
            remove(&package)?;
            descriptor
        }
        At::Registry(digest) => {
            let image = client.manifest(repository, &digest.clone().into())?;
            for part in image.manifest.blobs() {
                client.blob(repository, &part.digest, &dir.join(blob_path(&part.digest)))?;
            }
            blob(dir, image.manifest.media_type(), &image.bytes)?
        }
    };
    descriptor.platform = Some(found.unit.platform.into());
    descriptor.annotations = [(KEY.to_owned(), found.key.to_string())].into();
    Ok(descriptor)
}

fn blob(dir: &Utf8Path, kind: &str, bytes: &[u8]) -> Result<Descriptor> {
    let digest = ImageDigest::sha256(bytes);
    fs_err::write(dir.join(blob_path(&digest)), bytes)?;
    Ok(Descriptor::new(kind, digest, bytes.len() as u64))
}

/// LocalAI's index of the images.
fn entries(session: &Session, named: BTreeMap<Tag, Named>) -> Result<String> {
    let manifests = &session.manifests;
    let promises = promises(&manifests.backends, &manifests.variants, |_| None)?;
    let promises: Vec<_> = promises
        .into_iter()
        .filter(|promise| promise.tag(NAME).is_some_and(|tag| named.contains_key(&tag)))
        .collect();
    let place = SeenRepository {
        repository: PLACE.parse()?,
        tags: named,
        gone: BTreeSet::new(),
        blobs_gone: BTreeMap::new(),
        unpromised: BTreeSet::new(),
    };
    let seen = Seen { repositories: vec![place], ..Seen::default() };
    let (development, report) = (false, Report::default());
    let channel = Channel { name: NAME, development, seen: &seen, report: &report };
    Ok(gallery(manifests, &promises, &[channel]).text())
}
