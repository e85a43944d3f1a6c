//! What a merge is asked for, with the defaults of the manifests and the event filled in.

use crate::error::Coded;
use crate::registries::repository;
use crate::session::Session;
use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use ci::tags;
use model::event::{Event, Publish, decide};
use model::image_names::{Image, TagSuffix};
use model::oci::{Repository, Tag};
use model::platform::Platform;
use model::root_image::{self, RootImage};
use model::text::suggest;
use model::unit::UnitId;
use std::time::SystemTime;

/// What a published image is made of.
pub enum Parts {
    /// These units.
    Units(Vec<UnitId>),
    /// This row of the root images.
    Root(RootImage),
}

/// What is asked for; where nothing is said, the manifests and the event decide.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which image.
    pub which: Which,
    /// Files named by the digests of the legs.
    pub digests: Option<Utf8PathBuf>,
    /// Names for the image; the suffix is added.
    pub tags: Vec<String>,
    /// Where finished images are found under their keys.
    pub registry: Option<Repository>,
    /// Where to publish.
    pub publish_to: Vec<Repository>,
    /// Sign it.
    pub sign: bool,
    /// A tag may lose platforms.
    pub drop_platforms: bool,
}

/// The image that is meant.
#[derive(Debug, Clone)]
pub enum Which {
    /// The backends' image whose tags end so.
    Suffix(TagSuffix),
    /// A root image, by its name or suffix.
    Root(String),
}

/// What a merge is asked for.
pub struct Order {
    /// What is published.
    pub image: Image,
    /// What it is made of.
    pub parts: Parts,
    /// The platforms that it must have.
    pub platforms: Vec<Platform>,
    /// Where finished images are found under their keys.
    pub cache: Repository,
    /// Where it is published; never empty.
    pub targets: Vec<Repository>,
    /// Under which tags; never empty.
    pub tags: Vec<Tag>,
    /// Files named by the digests of the legs.
    pub digests: Option<Utf8PathBuf>,
    /// Sign it.
    pub sign: bool,
    /// A tag may lose platforms.
    pub drop_platforms: bool,
    /// The event.
    pub event: Event,
}

impl Order {
    /// With the defaults of the manifests and the event. Fails where the event may not publish.
    pub fn of(session: &Session, asked: &Asked) -> Result<Self> {
        let event = Event::read(&exec::event::capture());
        // Who types `merge` outside of CI says `--push` by it.
        let decision = decide(&event, true);
        if decision.publish != Publish::Released {
            return Err(Coded::Usage(format!("nothing may be published here: {}", decision.reason)).into());
        }
        let registry = &session.manifests.registry;
        let (image, platforms, parts, published) = match &asked.which {
            Which::Root(name) => {
                let row = root(session, name)?;
                (row.published(), row.platforms.clone(), Parts::Root(row), &registry.root)
            }
            Which::Suffix(suffix) => {
                let (image, units) = units(session, suffix)?;
                let platforms = units.iter().map(|unit| unit.platform).collect();
                (image, platforms, Parts::Units(units), &registry.backends)
            }
        };
        let targets = if asked.publish_to.is_empty() {
            published.iter().map(|text| repository(text)).collect::<Result<_>>()?
        } else {
            asked.publish_to.clone()
        };
        let tags = if asked.tags.is_empty() { named(&event, &image)? } else { given(&asked.tags, &image)? };
        Ok(Self {
            image,
            platforms,
            parts,
            cache: asked.registry.clone().map_or_else(|| repository(&registry.cache), Ok)?,
            targets,
            tags,
            digests: asked.digests.clone(),
            sign: asked.sign,
            drop_platforms: asked.drop_platforms,
            event,
        })
    }
}

/// A root image by its name.
fn root(session: &Session, name: &str) -> Result<RootImage> {
    let rows = root_image::select(&session.manifests.root_images, &[name.to_owned()]);
    let rows = rows.map_err(|error| Coded::Usage(error.to_string()))?;
    let row = rows.into_iter().next().with_context(|| format!("there is no root image `{name}`"))?;
    Ok(row.clone())
}

/// The units that the manifests publish under a suffix.
fn units(session: &Session, suffix: &TagSuffix) -> Result<(Image, Vec<UnitId>)> {
    let groups = session.manifests.groups()?;
    if let Some(group) = groups.iter().find(|group| group.suffix == *suffix) {
        return Ok((group.image(), group.units().cloned().collect()));
    }
    let hint = suggest::hint(suffix.as_str(), groups.iter().map(|group| group.suffix.as_str()));
    let text =
        format!("no backend is published as `{suffix}`{hint} (`cargo xtask merge --list` shows them all)");
    Err(Coded::Usage(text).into())
}

fn named(event: &Event, image: &Image) -> Result<Vec<Tag>> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).context("the clock is before 1970")?;
    let tags = tags::released(event, image, now.as_secs())?;
    if tags.is_empty() {
        let text = format!("nothing names this image ({}): pass --tag, such as --tag v1.2.3", event.trigger);
        return Err(Coded::Usage(text).into());
    }
    Ok(tags)
}

/// Names from the command line get the suffix as those of an event do, unless they have it.
fn given(names: &[String], image: &Image) -> Result<Vec<Tag>> {
    let tag = |name: &String| {
        let suffix = image.suffix();
        let text = if name.ends_with(suffix) { name.clone() } else { format!("{name}{suffix}") };
        text.parse().map_err(|error| Coded::Usage(format!("--tag {name}: {error}")).into())
    };
    names.iter().map(tag).collect()
}
