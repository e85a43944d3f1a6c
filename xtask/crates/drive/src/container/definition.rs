//! From a keyed unit and its contexts to what `plan` renders the bake file from.

use super::Containers;
use crate::bake::{Contexts, Definition};
use crate::make::Keyed;
use crate::session::Session;
use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use model::event::CachePolicy;
use model::image_names::{CompilerCacheTag, groups};
use model::oci::Tag;
use plan::lower::bake::{Export, Push};
use plan::lower::{Caches, UnitBuild, carries};
use plan::step::Action;
use std::collections::BTreeMap;

/// What a definition is made from.
pub struct Parts<'a> {
    pub session: &'a Session,
    pub keyed: &'a Keyed,
    pub options: &'a Containers,
    pub contexts: &'a Contexts,
    /// The repositories that the image is pushed to; none for a package alone.
    pub push: bool,
    /// Its steps run again, whatever layers there are.
    pub force: bool,
    /// Differs from every other run's.
    pub run: &'a str,
}

impl Parts<'_> {
    /// The definition, and the image that carries the unit's compiler cache, where it has one.
    pub fn definition(&self) -> Result<(Definition, Option<Tag>)> {
        let (keyed, contexts, options) = (self.keyed, self.contexts, self.options);
        let unit = &keyed.plan.unit;
        let backend = self.session.manifests.backends.get(&unit.backend);
        let backend = backend.with_context(|| format!("backend `{}` is gone", unit.backend))?;
        let container = keyed.plan.realm.container().context("a unit of the native realm: a defect")?;
        let caches = self.caches(backend)?;
        let mut exports = vec![Export::Local { dest: package(contexts) }];
        if self.push {
            let names = options.targets().iter().map(ToString::to_string).collect();
            exports.insert(0, Export::Image { names, push: Some(Push::ByDigest), rewrite_timestamps: true });
        }
        let definition = Definition::new(|network| {
            let build = UnitBuild {
                unit,
                key: &keyed.key,
                recipe: &backend.recipe,
                container,
                contexts,
                caches: &caches,
                exports,
                network,
                labels: BTreeMap::new(),
                force: self.force,
                run: self.run,
            };
            build.bake()
        })?;
        let carried = carries(&backend.recipe) && self.compiles();
        Ok((definition, carried.then(|| caches.compiler.tag())))
    }

    fn caches(&self, backend: &model::backend::Backend) -> Result<Caches> {
        let (unit, variants) = (&self.keyed.plan.unit, &self.session.manifests.variants);
        let groups = groups(backend, variants)?;
        let group = groups.iter().find(|group| group.units().any(|other| other == unit));
        let group = group.with_context(|| format!("{unit} is published as no image"))?;
        let variant = variants.get(&unit.variant);
        let variant = variant.with_context(|| format!("variant `{}` is gone", unit.variant))?;
        let CachePolicy { read, write } = self.options.decision.cache;
        Ok(Caches {
            repository: self.options.cache.clone(),
            layers: group.image().layers(group.platform_tag(unit.platform)),
            compiler: CompilerCacheTag::of(&unit.backend, unit.platform.arch, variant),
            policy: CachePolicy {
                read: read && !self.session.offline,
                write: write && !self.session.offline,
            },
        })
    }

    /// Whether a step compiles through ccache.
    fn compiles(&self) -> bool {
        let steps = &self.keyed.plan.steps;
        steps
            .iter()
            .any(|step| matches!(&step.action, Action::Run { cmd } if cmd.tuning.contains_key("CCACHE_DIR")))
    }
}

/// Where the package of a unit comes to be.
pub fn package(contexts: &Contexts) -> Utf8PathBuf {
    contexts.results().join("package")
}
