//! From a keyed unit and its contexts to what `plan` renders the bake file from.

use super::{Containers, Staged};
use crate::bake::{Reach, reach};
use crate::make::Keyed;
use crate::session::Session;
use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use model::event::CachePolicy;
use model::image_names::{CompilerCacheTag, groups};
use model::oci::Tag;
use plan::lower::bake::{Export, Push};
use plan::lower::{Caches, Contexts, UnitBuild, carries};
use plan::step::Action;
use std::collections::BTreeMap;

/// What a definition is made from.
pub struct Parts<'a> {
    pub session: &'a Session,
    pub keyed: &'a Keyed,
    pub options: &'a Containers,
    pub staged: &'a Staged,
    /// The repositories that the image is pushed to; none for a package alone.
    pub push: bool,
    /// Its steps run again, whatever layers there are.
    pub force: bool,
    /// Differs from every other run's.
    pub run: &'a str,
}

/// A bake file, and what buildx must be given with it.
#[derive(Debug)]
pub struct Definition {
    /// The file.
    pub text: String,
    /// What it reads outside of the staged contexts.
    pub reads: Vec<Utf8PathBuf>,
    /// Variables that it takes secrets from.
    pub variables: BTreeMap<String, String>,
    /// The image that carries the unit's compiler cache, where it has one.
    pub compiler_cache: Option<Tag>,
}

impl Parts<'_> {
    /// The definition.
    pub fn bake(&self) -> Result<Definition> {
        let (keyed, staged, options) = (self.keyed, self.staged, self.options);
        let unit = &keyed.plan.unit;
        let backend = self.session.manifests.backends.get(&unit.backend);
        let backend = backend.with_context(|| format!("backend `{}` is gone", unit.backend))?;
        let container = keyed.plan.realm.container().context("a unit of the native realm: a defect")?;
        let Reach { network, variables } = reach(|name| std::env::var(name).ok())?;
        let contexts = Contexts {
            templates: staged.templates(),
            inputs: staged.inputs(),
            sources: staged.sources(),
            steps: staged.steps(),
            pins: staged.pins(),
            packer: staged.packer(),
        };
        let caches = self.caches(backend)?;
        let mut exports = vec![Export::Local { dest: staged.package() }];
        if self.push {
            let names = options.targets().iter().map(ToString::to_string).collect();
            exports.insert(0, Export::Image { names, push: Some(Push::ByDigest), rewrite_timestamps: true });
        }
        let build = UnitBuild {
            unit,
            key: &keyed.key,
            recipe: &backend.recipe,
            container,
            contexts: &contexts,
            caches: &caches,
            exports,
            network: &network,
            labels: BTreeMap::new(),
            force: self.force,
            run: self.run,
        };
        Ok(Definition {
            text: build.bake()?.to_json()?,
            reads: network.files().collect(),
            variables,
            compiler_cache: (carries(&backend.recipe) && self.compiles()).then(|| caches.compiler.tag()),
        })
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
