//! Images that are not packages, builder bases and root images: what each is made of, and the key of all that.

use crate::container::BuilderImage;
use crate::lower::bake::{TargetName, TargetNameError};
use crate::toolchain::{DepsError, Family};
use model::base::PrebuiltBase;
use model::image_names::CacheTag;
use model::key::Key;
use model::manifest::Manifests;
use model::oci::Tag;
use model::platform::Platform;
use model::root_image::RootImage;
use model::template::Template;

/// Raised when root images change without a change in any field of the key.
const SCHEMA: u32 = 1;
/// The blake3 key-derivation context: a root image's key can never equal a unit's.
const CONTEXT: &str = "inference-backends 2026-11 root image key v2";

/// Which image it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What<'a> {
    /// A base that is made ahead.
    Base(&'a PrebuiltBase),
    /// One platform of a root image.
    Root(&'a RootImage),
}

/// An image that is not a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made<'a> {
    /// Which one.
    pub what: What<'a>,
    /// The image below it, and what is installed.
    pub image: BuilderImage,
    /// Its key.
    pub key: Key,
}

/// Everything that reaches a root image of one platform, beside what is downloaded while it is built.
#[derive(serde::Serialize)]
struct RootDoc<'a> {
    schema: u32,
    platform: Platform,
    image: &'a str,
    install: String,
    template: Option<&'a str>,
    entry: String,
}

impl<'a> Made<'a> {
    /// A base.
    pub fn base(row: &'a PrebuiltBase, manifests: &Manifests) -> Result<Self, DepsError> {
        let image = BuilderImage::of_base(row, &manifests.templates, manifests.pinned())?;
        Ok(Self { what: What::Base(row), key: image.key(), image })
    }

    /// A root image for one of its platforms, with the entry program of these sources.
    pub fn root(
        row: &'a RootImage,
        platform: Platform,
        manifests: &Manifests,
        entry: &[(&str, &str)],
    ) -> Result<Self, DepsError> {
        let template = manifests.templates.digest(Template::Root);
        let image =
            BuilderImage::new(&row.base, platform, Family::Runtime, template, None, manifests.pinned())?;
        let document = RootDoc {
            schema: SCHEMA,
            platform,
            image: &image.image,
            install: image.install_digest(),
            template: image.template.as_deref(),
            entry: digest_of(entry),
        };
        Ok(Self { what: What::Root(row), key: Key::of(CONTEXT, &document), image })
    }

    /// What it is built for.
    pub fn platform(&self) -> Platform {
        self.image.platform
    }

    /// The name of its row.
    pub fn row_name(&self) -> &'a str {
        match self.what {
            What::Base(row) => row.name.as_str(),
            What::Root(row) => row.name.as_str(),
        }
    }

    /// For people.
    pub fn title(&self) -> String {
        match self.what {
            What::Base(row) => row.tag().to_string(),
            What::Root(row) => format!("root image {} for {}", row.name, self.platform()),
        }
    }

    /// A name that tells it from every other, and is safe as one component of a path.
    pub fn name(&self) -> String {
        match self.what {
            What::Base(row) => format!("base-{}", row.name),
            What::Root(row) => format!("root-{}-{}", row.name, self.platform().arch),
        }
    }

    /// What a bake file calls it.
    pub fn target(&self) -> Result<TargetName, TargetNameError> {
        self.name().replace(['.', '+'], "_").parse()
    }

    /// The tag under which the cache repository has it.
    pub fn tag(&self) -> Tag {
        match self.what {
            What::Base(_) => self.image.tag(),
            What::Root(_) => CacheTag::Image(self.key).tag(),
        }
    }

    /// The same for people, with a part of the key.
    pub fn short_tag(&self) -> String {
        match self.what {
            What::Base(_) => format!("base-{}", self.key.short()),
            What::Root(_) => format!("img-{}", self.key.short()),
        }
    }

    /// Where its layers are cached.
    pub fn layers(&self) -> Tag {
        match self.what {
            What::Base(row) => CacheTag::BaseLayers(row.name.clone()).tag(),
            What::Root(row) => row.published().layers(row.platform_tag(self.platform())),
        }
    }

    /// The template that makes it.
    pub fn template(&self) -> Template {
        match self.what {
            What::Base(_) => Template::Base,
            What::Root(_) => Template::Root,
        }
    }
}

/// One digest of named texts; no two lists have the same.
pub fn digest_of(texts: &[(&str, &str)]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in texts.iter().flat_map(|(name, text)| [name, text]) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::manifests;
    use std::collections::BTreeSet;

    #[test]
    fn a_root_image_s_key_covers_what_reaches_the_image() {
        let manifests = manifests();
        let roots = &manifests.root_images;
        let (row, platforms) = (&roots["core"], &roots["core"].platforms);
        let key = |row: &RootImage, platform, manifests: &Manifests, entry: &[(&str, &str)]| {
            Made::root(row, platform, manifests, entry).unwrap().key
        };
        let entry = [("main.rs", "fn main() {}")];
        let of = |row, platform| key(row, platform, &manifests, &entry);
        let mut image = row.clone();
        image.base.image.push_str("@sha256:00");
        let mut template = manifests.clone();
        let texts = [(Template::Root.path(), "FROM other".to_owned())].into();
        template.templates = model::template::Templates::of(&texts);
        let keys = BTreeSet::from([
            of(row, platforms[0]),
            key(row, platforms[0], &template, &entry),
            key(row, platforms[0], &manifests, &[("main.rs", "fn main() { }")]),
            key(row, platforms[0], &manifests, &[("main", ".rsfn main() {}")]),
            of(&image, platforms[0]),
            of(row, platforms[1]),
            of(&roots["vulkan"], platforms[0]),
        ]);
        assert_eq!(keys.len(), 7);
        assert_eq!(of(row, platforms[0]), of(&row.clone(), platforms[0]));
    }
}
