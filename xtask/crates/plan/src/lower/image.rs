//! What the targets of images that are not packages have in common.

use super::bake::{Attest, Bake, CacheFrom, CacheTo, Export, Target, TargetName};
use crate::container::Ground;
use camino::Utf8Path;
use model::oci::{Repository, Tag};
use std::collections::BTreeMap;

/// How an image is built, whichever one it is.
#[derive(Debug, Clone, Copy)]
pub struct ImageBuild<'a> {
    /// The cache repository.
    pub repository: &'a Repository,
    /// The Dockerfile.
    pub dockerfile: &'a Utf8Path,
    /// A directory that holds its `install.sh` and nothing else.
    pub steps: &'a Utf8Path,
    /// A directory for each pin that it is made of.
    pub pins: &'a Utf8Path,
    /// Write the layer cache, which is read in any case.
    pub write_cache: bool,
    /// Run every step again, on the newest image: layers that are cached hold packages of their own day.
    pub fresh: bool,
}

impl ImageBuild<'_> {
    /// What is installed on what; labels and contexts of its own are for the caller to add.
    pub(super) fn target(&self, ground: &Ground, layers: &Tag, export: Export) -> Target {
        let layers = format!("{}:{layers}", self.repository);
        let mut target = Target::new(self.steps, self.dockerfile);
        for (name, directory) in [("steps", self.steps), ("pins", self.pins)] {
            target.contexts.insert(name.to_owned(), directory.to_string());
        }
        target.args.insert("BASE_IMAGE".to_owned(), ground.image.clone());
        target.platforms = vec![ground.platform];
        target.labels =
            BTreeMap::from([("org.opencontainers.image.base.name".to_owned(), ground.image.clone())]);
        target.exports = vec![export];
        target.cache_from = vec![CacheFrom::Registry { reference: layers.clone() }];
        if self.write_cache {
            target.cache_to = vec![CacheTo::Registry { reference: layers }];
        }
        target.no_cache = self.fresh;
        target.pull = self.fresh;
        target.attest = Attest::NONE.into();
        target
    }
}

/// A file with nothing else in it.
pub(super) fn alone(name: TargetName, target: Target) -> Bake {
    Bake { targets: [(name, target)].into(), ..Bake::default() }
}
