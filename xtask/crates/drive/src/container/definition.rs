//! From a keyed unit and its contexts to what `plan` renders the bake file from.

use super::ContainerRun;
use crate::bake::{Contexts, Definition};
use crate::make::{Keyed, SharedCache};
use crate::session::Session;
use anyhow::{Context, Result};
use model::event::CachePolicy;
use model::oci::Tag;
use model::script::Network;
use plan::cmd::Cmd;
use plan::lower::bake::{Export, Push};
use plan::lower::{Caches, UnitBuild, carries};

/// What a definition is made from.
pub struct Parts<'a> {
    pub session: &'a Session,
    pub keyed: &'a Keyed,
    pub run: &'a ContainerRun,
    pub contexts: &'a Contexts,
    /// The compiler cache that machines share; none where the definition is only shown.
    pub cache: Option<&'a SharedCache<'a>>,
    /// Differs from every other run's.
    pub id: &'a str,
}

impl Parts<'_> {
    /// The definition, and the image that carries the unit's compiler cache, where it has one.
    pub fn definition(&self) -> Result<(Definition, Option<Tag>)> {
        let (keyed, contexts, options) = (self.keyed, self.contexts, &self.run.options);
        let unit = &keyed.plan.unit;
        let backend = self.session.manifests.backends.get(&unit.backend);
        let backend = backend.with_context(|| format!("backend `{}` is gone", unit.backend))?;
        let container = keyed.plan.realm.container().context("a unit of the native realm: a defect")?;
        let CachePolicy { read, write } = options.decision.cache;
        let online = !self.session.offline;
        let policy = CachePolicy { read: read && online, write: write && online };
        let caches = Caches::of(unit, &self.session.manifests, &options.cache, policy);
        let mut caches = caches.with_context(|| format!("{unit} is published as no image"))?;
        caches.seed = self.run.answers.presence(&caches.compiler.tag()).into_image();
        let mut exports = vec![Export::Local { dest: contexts.package() }];
        if options.pushes() {
            let names = options.targets().iter().map(ToString::to_string).collect();
            exports.insert(0, Export::Image { names, push: Some(Push::ByDigest), rewrite_timestamps: true });
        }
        let definition = Definition::new(self.shared_cache().as_deref(), |network| {
            let build = UnitBuild {
                unit,
                key: &keyed.key,
                recipe: &backend.recipe,
                container,
                contexts,
                caches: &caches,
                exports,
                network,
                force: self.run.force,
                run: self.id,
            };
            build.bake()
        })?;
        let carried = carries(&backend.recipe) && self.compiles();
        Ok((definition, carried.then(|| caches.compiler.tag())))
    }

    /// Whether a step compiles through ccache.
    fn compiles(&self) -> bool {
        self.compiling().next().is_some()
    }

    fn compiling(&self) -> impl Iterator<Item = &Cmd> {
        let cmds = self.keyed.plan.steps.iter().flat_map(|step| step.action.cmds());
        cmds.filter(|cmd| cmd.tuning.contains_key("CCACHE_DIR"))
    }

    /// What ccache is told of the cache that machines share, if the steps reach it.
    fn shared_cache(&self) -> Option<String> {
        let cache = self.cache.filter(|_| self.compiles())?;
        if self.compiling().any(|cmd| cmd.fence == Some(Network::None)) {
            cache.is_out_of_reach(&self.keyed.plan.unit);
            return None;
        }
        cache.ccache()
    }
}
