//! The bake file of one container unit.

use super::Contexts;
use super::bake::{Attest, Bake, CacheFrom, CacheTo, Export, Group, Target, TargetName, TargetNameError};
use super::carrier::CompilerCache;
use super::network::Network;
use crate::container::Builder;
use crate::container::Container;
use model::backend::Recipe;
use model::event::CachePolicy;
use model::image_names::{CacheTag, CompilerCacheTag};
use model::key::Key;
use model::manifest::Manifests;
use model::oci::{ImageDigest, Repository, Tag};
use model::unit::UnitId;
use std::collections::BTreeMap;

/// The target that makes the package, and its image.
pub const UNIT: &str = "unit";
/// What of a unit's labels is this project's own begins with this, as in packages that are packed on a host.
const LABEL: &str = "package";

/// The registry's caches, and what may be done with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caches {
    /// The repository that machines share.
    pub repository: Repository,
    /// Its tag for this unit's layers.
    pub layers: Tag,
    /// Its compiler cache for this unit.
    pub compiler: CompilerCacheTag,
    /// What that names, where it was looked at.
    pub seed: Option<ImageDigest>,
    /// Layers are read as well. Nobody can sign them, for BuildKit does not tell what it wrote.
    pub reads_layers: bool,
    /// Reading and writing.
    pub policy: CachePolicy,
}

impl Caches {
    /// Those of a published unit in `repository`; none for a unit that no manifest publishes.
    pub fn of(
        unit: &UnitId,
        manifests: &Manifests,
        repository: &Repository,
        policy: CachePolicy,
    ) -> Option<Self> {
        let group = manifests.group_of(unit)?;
        Some(Self {
            repository: repository.clone(),
            layers: group.image().layers(group.platform_tag(unit.platform)),
            compiler: CompilerCacheTag::of(
                &unit.backend,
                unit.platform.arch,
                manifests.variants.get(&unit.variant)?,
            ),
            seed: None,
            reads_layers: policy.read && manifests.registry.trust.is_none(),
            policy,
        })
    }
}

/// One unit to build.
#[derive(Debug, Clone)]
pub struct UnitBuild<'a> {
    /// Which one.
    pub unit: &'a UnitId,
    /// Its key.
    pub key: &'a Key,
    /// Its family.
    pub recipe: &'a Recipe,
    /// What it starts from.
    pub container: &'a Container,
    /// Directories that it reads.
    pub contexts: &'a Contexts,
    /// Caches of the registry.
    pub caches: &'a Caches,
    /// Where the package goes.
    pub exports: Vec<Export>,
    /// How its steps reach a network.
    pub network: &'a Network,
    /// Run its own steps although their layers are cached; not what they stand on.
    pub force: bool,
    /// Differs from every other run's.
    pub run: &'a str,
}

impl UnitBuild<'_> {
    /// The file: the unit by default, and beside it the targets that carry its compiler cache, where it has one.
    pub fn bake(&self) -> Result<Bake, TargetNameError> {
        let unit: TargetName = UNIT.parse()?;
        let default = Group { targets: vec![unit.clone()] };
        let mut bake =
            Bake { groups: [("default".parse()?, default)].into(), targets: [(unit, self.target())].into() };
        if carries(self.recipe) {
            let CachePolicy { read, write } = self.caches.policy;
            let [load, dump] = self.compiler_cache().targets()?;
            bake.targets.extend(read.then_some(load));
            bake.targets.extend(write.then_some(dump));
        }
        Ok(bake)
    }

    /// What carries the unit's compiler cache.
    pub fn compiler_cache(&self) -> CompilerCache<'_> {
        CompilerCache {
            templates: &self.contexts.templates,
            packer: &self.contexts.packer,
            platform: self.unit.platform,
            repository: &self.caches.repository,
            tag: &self.caches.compiler,
            seed: self.caches.seed.as_ref(),
            run: self.run,
        }
    }

    fn target(&self) -> Target {
        let Contexts { templates, inputs, sources, pins, steps, packer } = self.contexts;
        let mut target = Target::new(inputs.clone(), templates.join(self.recipe.template().file_name()));
        let contexts =
            [("inputs", inputs), ("sources", sources), ("pins", pins), ("steps", steps), ("packer", packer)];
        target.contexts = contexts.map(|(name, directory)| (name.to_owned(), directory.to_string())).into();
        target.args = self.args();
        target.platforms = vec![self.unit.platform];
        target.labels = self.labels();
        target.exports.clone_from(&self.exports);
        self.cache(&mut target);
        self.network.apply(&mut target);
        // With a provenance the pushed digest is that of an index, and differs between registries.
        target.attest = Attest::NONE.into();
        target
    }

    fn args(&self) -> BTreeMap<String, String> {
        let base = &self.container.base;
        let mut args = BTreeMap::from([
            ("BASE_IMAGE".to_owned(), base.image.clone()),
            ("BUILDER_TARGET".to_owned(), self.container.builder.stage().to_owned()),
            ("CACHE_ID".to_owned(), self.cache_id()),
            // The times of an image's files, and its own.
            ("SOURCE_DATE_EPOCH".to_owned(), "0".to_owned()),
        ]);
        if let Recipe::Script(script) = self.recipe {
            args.insert("FENCE".to_owned(), script.network.to_string());
        }
        if self.force {
            // Not `no-cache-filter`: with that, BuildKit gives the steps empty cache mounts.
            args.insert("RUN_ID".to_owned(), self.run.to_owned());
        }
        if self.container.builder == Builder::Prebuilt {
            let pinned =
                self.container.image.as_ref().map(|image| format!("{}@{image}", self.caches.repository));
            let reference = pinned.unwrap_or_else(|| self.reference(&base.tag()));
            args.insert("BUILDER_BASE_IMAGE".to_owned(), reference);
        }
        args
    }

    /// Whose cache mounts it shares on a builder that lives longer than a build.
    fn cache_id(&self) -> String {
        if carries(self.recipe) {
            self.compiler_cache().id()
        } else {
            // Downloads of one backend serve another.
            format!("inference-backends-{}", self.unit.platform.arch)
        }
    }

    fn cache(&self, target: &mut Target) {
        let (read, write) = (self.caches.reads_layers, self.caches.policy.write);
        let layers = self.reference(&self.caches.layers);
        if read {
            target.cache_from = vec![CacheFrom::Registry { reference: layers.clone() }];
            // Whoever makes the base runs the same instruction on the same image.
            if let (Builder::FromSource, Some(base)) = (self.container.builder, &self.container.base.prebuilt)
            {
                let reference = self.reference(&CacheTag::BaseLayers(base.clone()).tag());
                target.cache_from.push(CacheFrom::Registry { reference });
            }
        }
        if write {
            target.cache_to = vec![CacheTo::Registry { reference: layers }];
        }
    }

    /// What the key covers, and nothing of how it was built, nor the revision: equal packages are equal images, and that of a
    /// key serves many.
    fn labels(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            ("org.opencontainers.image.title".to_owned(), self.unit.backend.to_string()),
            ("org.opencontainers.image.base.name".to_owned(), self.container.base.image.clone()),
            (format!("{LABEL}.variant"), self.unit.variant.to_string()),
            (format!("{LABEL}.key"), self.key.to_string()),
            (format!("{LABEL}.base"), self.container.base.key().to_string()),
        ])
    }

    fn reference(&self, tag: &Tag) -> String {
        format!("{}:{tag}", self.caches.repository)
    }
}

/// Whether a family's compiler cache is carried between builders. `docs/cache.md` has the figures.
pub fn carries(recipe: &Recipe) -> bool {
    match recipe {
        Recipe::Cmake(_) => true,
        Recipe::Go(_) | Recipe::Python(_) | Recipe::Rust(_) | Recipe::Script(_) => false,
    }
}
