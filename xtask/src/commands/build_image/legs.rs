//! Platforms of root images: which ones are asked for, their keys, and whether the registry has them.

use crate::cli::BuildImage;
use anyhow::Result;
use drive::error::Coded;
use drive::images::{ENTRY_SOURCES, Shared};
use drive::session::Session;
use model::image_names::CacheTag;
use model::key::Key;
use model::oci::{ImageDigest, Tag};
use model::platform::{Os, Platform};
use model::root_image::{RootImage, select};
use plan::bases::{Decision, Presence, decide};
use plan::container::Ground;
use plan::root_image::{self, RootDoc};

/// One platform of a root image.
pub struct Leg<'a> {
    pub image: &'a RootImage,
    pub ground: Ground,
    pub key: Key,
    pub registry: Presence,
    pub decision: Decision,
    pub digest: Option<ImageDigest>,
}

impl Leg<'_> {
    /// What it is for.
    pub fn platform(&self) -> Platform {
        self.ground.platform
    }

    /// For people.
    pub fn title(&self) -> String {
        format!("root image {} for {}", self.image.name, self.platform())
    }

    /// The name that keeps it in the cache repository.
    pub fn tag(&self) -> Tag {
        CacheTag::Image(self.key).tag()
    }
}

/// All that is asked for; the registry is asked about all at once.
pub fn legs<'a>(session: &'a Session, args: &BuildImage, shared: &Shared) -> Result<Vec<Leg<'a>>> {
    let images = select(&session.manifests.root_images, &args.names)
        .map_err(|error| Coded::Usage(error.to_string()))?;
    let mut found = Vec::new();
    for image in images {
        for platform in platforms(session, args, image)? {
            let ground = root_image::ground(
                image,
                platform,
                &session.manifests.templates,
                session.manifests.pinned(),
            )?;
            let key = RootDoc::new(&ground, ENTRY_SOURCES).key();
            found.push((image, ground, key));
        }
    }
    let tag = |key: &Key| CacheTag::Image(*key).tag();
    let tags: Vec<Tag> = found.iter().map(|(_, _, key)| tag(key)).collect();
    let present = shared.present(session, &tags)?;
    let leg = |(image, ground, key): (&'a RootImage, Ground, Key)| {
        let (registry, digest) = (present.of(&tag(&key)), present.digest(&tag(&key)).cloned());
        let decision = decide(&format!("img-{}", key.short()), &registry, args.images.force);
        Leg { image, ground, key, registry, decision, digest }
    };
    Ok(found.into_iter().map(leg).collect())
}

/// The platforms that are asked for; without a word about them, this machine's, or all in a list.
fn platforms(session: &Session, args: &BuildImage, image: &RootImage) -> Result<Vec<Platform>> {
    if args.images.list && args.platform.is_empty() {
        return Ok(image.platforms.clone());
    }
    let here = Platform { os: Os::Linux, arch: session.host.platform.arch };
    let wanted = if args.platform.is_empty() { vec![here] } else { args.platform.clone() };
    let (made, other): (Vec<Platform>, Vec<Platform>) =
        wanted.into_iter().partition(|platform| image.platforms.contains(platform));
    if let Some(other) = other.first() {
        let known: Vec<&str> = image.platforms.iter().map(|platform| platform.as_str()).collect();
        let known = known.join(", ");
        let text = format!("root image `{}` is not made for {other}; it is made for {known}", image.name);
        if args.names.is_empty() {
            session.ui.note(&format!("passing over {}: it is made for {known}", image.name));
        } else {
            return Err(Coded::Usage(format!("{text}: name one with --platform")).into());
        }
    }
    Ok(made)
}
