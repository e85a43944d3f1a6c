//! Reads a bundle that nobody vouches for: everything is unpacked aside, and verified before any of it is used.

use super::{ALIAS, GALLERY, INDEX, KEY, LARGEST, LAYOUT, NAME, PLACE, SUMS, TAG};
use crate::container::check;
use crate::session::Session;
use crate::workplace::Workplace;
use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use ci::gallery::{self, Place};
use fetch::Selection;
use fetch::unpack::{Limits, unpack_file};
use model::key::Key;
use model::name::BackendName;
use model::oci::{Descriptor, ImageConfig, ImageDigest, ImageManifest, Index, MAX_BYTES, Repository, Tag};
use model::platform::Platform;
use oci::Manifest;
use oci::layout::{self, blob_path};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use walkdir::WalkDir;

/// Files of a bundle: every image has three.
const MOST: u64 = 10_000;

/// A bundle that is as it should be, but for what is in its packages.
#[derive(Debug)]
pub struct Bundle {
    place: Workplace,
    /// The digest of the list of all that is in it.
    pub digest: ImageDigest,
    /// Its images.
    pub images: Vec<Image>,
    /// LocalAI's index, in which [`PLACE`] stands for a repository.
    pub gallery: String,
}

/// One published name.
#[derive(Debug)]
pub struct Image {
    /// Its tag.
    pub tag: Tag,
    /// The name of its entry in the index, under which LocalAI installs it.
    pub name: BackendName,
    /// The backend that it is.
    pub alias: BackendName,
    /// The list of platforms.
    pub list: Descriptor,
    /// The image of each platform.
    pub legs: Vec<Leg>,
}

/// The image of one platform: a package.
#[derive(Debug)]
pub struct Leg {
    /// What it runs on.
    pub platform: Platform,
    /// The key of its package.
    pub key: Key,
    /// Its manifest.
    pub image: Descriptor,
    /// The package.
    layer: ImageDigest,
}

impl Image {
    /// The end of its tags.
    pub fn suffix(&self) -> &str {
        self.tag.as_str().strip_prefix(NAME).unwrap_or_default()
    }
}

impl Bundle {
    /// Unpacks a bundle into a place of its own and looks at all but what is in its packages.
    pub fn open(session: &Session, file: &Utf8Path) -> Result<Self> {
        let place = Workplace::new(session, "bundle")?;
        let dir = place.dir().join("layout");
        fs_err::create_dir(&dir)?;
        let bytes = fs_err::metadata(file)?.len();
        let limits = Limits { entries: MOST, bytes, ..Limits::default() };
        unpack_file(file, &dir, &limits, &Selection::default())
            .with_context(|| format!("{file} is no bundle"))?;
        let read = || Reader { dir: &dir }.read();
        let (digest, images, gallery) = read().with_context(|| format!("{file} is no bundle"))?;
        Ok(Self { place, digest, images, gallery })
    }

    /// Where a blob is.
    pub fn blob(&self, digest: &ImageDigest) -> Utf8PathBuf {
        self.place.dir().join("layout").join(blob_path(digest))
    }

    /// Unpacks every package, and makes sure that it is what it is said to be.
    pub fn verify(&self) -> Result<()> {
        let scratch = self.place.dir().join("package");
        let legs = self.images.iter().flat_map(|image| image.legs.iter().map(move |leg| (image, leg)));
        for (image, leg) in legs {
            self.unpack(image, leg, &scratch)?;
            crate::make::remove(&scratch)?;
        }
        Ok(())
    }

    /// Unpacks a package into a new directory, where it is sound, of its backend and of its key, or fails.
    pub fn unpack(&self, image: &Image, leg: &Leg, to: &Utf8Path) -> Result<()> {
        fs_err::create_dir(to)?;
        let limits = Limits { bytes: LARGEST, ..Limits::default() };
        let unpacked = unpack_file(&self.blob(&leg.layer), to, &limits, &Selection::default());
        unpacked.with_context(|| format!("cannot unpack {}", leg.layer))?;
        let manifest = pack::Manifest::read(to)?;
        let (name, key, platform) = (manifest.name.as_str(), manifest.key.as_str(), manifest.platform);
        ensure!(
            name == image.alias.as_str() && key == leg.key.to_string() && platform == leg.platform,
            "{} is {name} of key {key} for {platform}, and listed as {} of {} for {}",
            leg.image.digest,
            image.alias,
            leg.key,
            leg.platform
        );
        check(to)
    }
}

/// The checksums of all files of a layout, as `sha256sum` prints them.
pub(super) fn sums(dir: &Utf8Path) -> Result<String> {
    let mut text = String::new();
    for (path, digest) in files(dir)? {
        writeln!(text, "{}  {path}", digest.hex())?;
    }
    Ok(text)
}

/// Every file but the checksums, and its digest.
fn files(dir: &Utf8Path) -> Result<BTreeMap<String, ImageDigest>> {
    let mut found = BTreeMap::new();
    for entry in WalkDir::new(dir).min_depth(1) {
        let entry = entry?;
        let path = Utf8Path::from_path(entry.path()).context("a file whose name is not UTF-8")?;
        let name = path.strip_prefix(dir)?.as_str();
        if entry.file_type().is_dir() || name == SUMS {
            continue;
        }
        ensure!(entry.file_type().is_file(), "{name} is a link");
        let file = fs_err::File::open(path)?;
        found.insert(name.to_owned(), ImageDigest::compute(model::oci::Algorithm::Sha256, file)?);
    }
    Ok(found)
}

struct Reader<'a> {
    dir: &'a Utf8Path,
}

impl Reader<'_> {
    fn read(&self) -> Result<(ImageDigest, Vec<Image>, String)> {
        let files = files(self.dir)?;
        let mut listed = String::new();
        for (path, digest) in &files {
            writeln!(listed, "{}  {path}", digest.hex())?;
        }
        ensure!(
            self.text(SUMS)? == listed,
            "{SUMS} does not name the files that are there, with what they hold"
        );
        ensure!(self.text(LAYOUT)? == layout::VERSION, "{LAYOUT} does not say version 1.0.0");
        let mut left: BTreeSet<&str> = files.keys().map(String::as_str).collect();
        for name in [LAYOUT, INDEX, GALLERY] {
            ensure!(left.remove(name), "{name} is missing");
        }
        for name in &left {
            let named = blob_path(files.get(*name).context("a file without a digest: a defect")?);
            ensure!(*name == named, "{name} should be {named}");
        }
        let gallery = self.text(GALLERY)?;
        let names = names(&gallery)?;
        let mut used = BTreeSet::new();
        let index = self.text(INDEX)?;
        let digest = ImageDigest::sha256(index.as_bytes());
        let index: Index = serde_json::from_str(&index).context(INDEX)?;
        let images: Vec<Image> = index
            .manifests
            .into_iter()
            .map(|list| self.image(list, &names, &mut used))
            .collect::<Result<_>>()?;
        let tags: BTreeSet<&Tag> = images.iter().map(|image| &image.tag).collect();
        ensure!(
            tags.len() == images.len() && tags.len() == names.len(),
            "{GALLERY} and {INDEX} list different images"
        );
        if let Some(name) = left.iter().find(|name| !used.contains(**name)) {
            bail!("{name} is there, and belongs to nothing");
        }
        Ok((digest, images, gallery))
    }

    fn image(
        &self,
        list: Descriptor,
        names: &BTreeMap<Tag, BackendName>,
        used: &mut BTreeSet<String>,
    ) -> Result<Image> {
        let tag: Tag = list.annotations.get(TAG).context("an image without a name")?.parse()?;
        ensure!(tag.as_str().starts_with(NAME), "the tag {tag} does not begin with {NAME}");
        let alias = list.annotations.get(ALIAS).context("an image of no backend")?.parse()?;
        let name = names.get(&tag).with_context(|| format!("{GALLERY} has no entry for {tag}"))?.clone();
        let Manifest::Index(index) = self.manifest(&list, used)? else {
            bail!("{tag} is no list of platforms");
        };
        let legs: Vec<Leg> =
            index.manifests.into_iter().map(|image| self.leg(image, used)).collect::<Result<_>>()?;
        let platforms: BTreeSet<Platform> = legs.iter().map(|leg| leg.platform).collect();
        ensure!(platforms.len() == legs.len() && !legs.is_empty(), "{tag} has no platform, or one twice");
        Ok(Image { tag, name, alias, list, legs })
    }

    fn leg(&self, image: Descriptor, used: &mut BTreeSet<String>) -> Result<Leg> {
        let key = image.annotations.get(KEY).context("an image without a key")?.parse()?;
        let said = image.platform.as_ref().context("an image without a platform")?;
        let platform: Platform = format!("{}/{}", said.os, said.architecture).parse()?;
        let Manifest::Image(manifest) = self.manifest(&image, used)? else {
            bail!("{} is a list, not the image of one platform", image.digest);
        };
        let ImageManifest { config, layers, .. } = *manifest;
        let own: ImageConfig = serde_json::from_slice(&self.document(&config, used)?)?;
        ensure!(
            own.platform() == platform.as_str(),
            "{} is for {}, not for {platform}",
            image.digest,
            own.platform()
        );
        let [layer] = layers.as_slice() else {
            bail!("{} has {} layers, expected the one that is the package", image.digest, layers.len());
        };
        let path = blob_path(&layer.digest);
        let there = fs_err::metadata(self.dir.join(&path))?.len();
        ensure!(there == layer.size, "{path} has {there} bytes, and is listed with {}", layer.size);
        used.insert(path);
        Ok(Leg { platform, key, layer: layer.digest.clone(), image })
    }

    fn manifest(&self, of: &Descriptor, used: &mut BTreeSet<String>) -> Result<Manifest> {
        let manifest = Manifest::parse(&self.document(of, used)?)?;
        ensure!(
            manifest.media_type() == of.media_type,
            "{} is of another type than it is listed with",
            of.digest
        );
        Ok(manifest)
    }

    /// A blob that is a document.
    fn document(&self, of: &Descriptor, used: &mut BTreeSet<String>) -> Result<Vec<u8>> {
        let path = blob_path(&of.digest);
        let bytes = self.bytes(&path)?;
        ensure!(
            bytes.len() as u64 == of.size,
            "{path} has {} bytes, and is listed with {}",
            bytes.len(),
            of.size
        );
        used.insert(path);
        Ok(bytes)
    }

    fn text(&self, name: &str) -> Result<String> {
        String::from_utf8(self.bytes(name)?).with_context(|| format!("{name} is no text"))
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>> {
        let path = self.dir.join(name);
        let size = fs_err::metadata(&path)?.len();
        ensure!(size <= MAX_BYTES as u64, "{name} has {size} bytes; expected a small document");
        Ok(fs_err::read(path)?)
    }
}

/// The names of the entries in an index, by the tags that they lead to.
fn names(gallery: &str) -> Result<BTreeMap<Tag, BackendName>> {
    let place: Repository = PLACE.parse()?;
    let mut names = BTreeMap::new();
    for entry in gallery::read(gallery).map_err(|error| anyhow::anyhow!("{GALLERY}: {error}"))? {
        let [at] = entry.places.as_slice() else {
            ensure!(entry.places.is_empty(), "{GALLERY}: {} has mirrors", entry.name);
            continue;
        };
        let Place::Image(repository, tag) = at else { bail!("{GALLERY}: {} is at {at:?}", entry.name) };
        ensure!(*repository == place, "{GALLERY}: {} is in {repository}", entry.name);
        let name = entry.name.parse().with_context(|| GALLERY)?;
        ensure!(names.insert(tag.clone(), name).is_none(), "{GALLERY}: two entries lead to {tag}");
    }
    let distinct: BTreeSet<&BackendName> = names.values().collect();
    ensure!(distinct.len() == names.len(), "{GALLERY}: two images have one name");
    Ok(names)
}
