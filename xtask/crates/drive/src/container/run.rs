//! What builds the container units of one run: what the registry has, how each unit is come by, then the builds.

use super::Containers;
use super::made::Made;
use super::remote::Remote;
use super::work::{self, Work};
use crate::bake;
use crate::error::Coded;
use crate::error::told;
use crate::make::{How, Keyed, Options, Pushed, SharedCache, Timings, remove};
use crate::session::Session;
use crate::{registries, wanted};
use anyhow::{Context, Result};
use camino::Utf8Path;
use exec::buildx::Buildx;
use model::image_names::CacheTag;
use model::key::Key;
use model::oci::{ImageDigest, Tag};
use plan::container::{Builder, BuilderChoice, choose};
use plan::presence::Answers;
use plan::realm::Realm;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;
use store::RelPath;

/// What builds the container units of one run.
#[derive(Debug)]
pub struct ContainerRun {
    /// How containers are built.
    pub options: Containers,
    /// Whether results that are there are made again.
    pub(super) force: bool,
    pub(super) remote: Remote,
    /// What the cache repository has of all that this run could use.
    pub(super) answers: Answers,
    buildx: Mutex<Option<Buildx>>,
    /// Different in each run.
    pub(super) began: u128,
}

impl ContainerRun {
    /// Asks the registry about every unit at once, and decides what each one starts from.
    pub fn prepare<'a>(
        session: &Session,
        units: impl Iterator<Item = &'a mut Keyed>,
        options: &Options,
    ) -> Result<Self> {
        let containers = &options.containers;
        let mut units: Vec<&mut Keyed> =
            units.filter(|keyed| matches!(keyed.plan.realm, Realm::Container(_))).collect();
        let remote = Remote::new(containers.clone());
        let tags = units.iter().flat_map(|keyed| tags(session, keyed, options));
        let answers = registries::ask(session, remote.client(), &containers.cache, tags)?;
        if let (Some(why), false) = (&answers.silence, session.offline) {
            // Without an answer a push might build what is there; it is better told now than after an hour.
            anyhow::ensure!(!containers.pushes(), "{why}; nothing was built, for it could not be pushed");
            session.ui.warn(&format!("{why}; building without what {} has", containers.cache));
        }
        for keyed in &mut units {
            let backend = &keyed.plan.unit.backend;
            if let Realm::Container(container) = &mut keyed.plan.realm {
                let presence = answers.presence(&container.base.tag());
                let chosen = choose(containers.builder, backend, &container.base, &presence);
                let (builder, reason) = chosen.map_err(|error| Coded::Usage(error.to_string()))?;
                (container.builder, container.reason) = (builder, reason);
                // The image that was looked at, and no other.
                container.image = presence.into_image();
                let blind = container.builder == Builder::Prebuilt && container.image.is_none();
                if blind && session.manifests.registry.trust.is_some() {
                    return Err(Coded::Usage(format!("{}: {}", backend, container.reason)).into());
                }
            }
        }
        let began = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
        Ok(Self {
            options: containers.clone(),
            force: options.force,
            remote,
            answers,
            buildx: Mutex::default(),
            began,
        })
    }

    /// The image of a unit, if the registry has it.
    pub fn image(&self, key: Key) -> Option<ImageDigest> {
        self.answers.of_key(key).into_image().filter(|_| !self.force)
    }

    /// Has an image that is there already in every repository that it is published to, and keeps it until it is merged;
    /// what went wrong with that.
    pub fn publish(&self, key: Key, digest: &ImageDigest) -> Result<(Pushed, Option<String>)> {
        let warning = self.remote.renew(key, digest).err().map(|error| wanted::warning(&error));
        Ok((self.remote.publish(digest)?, warning))
    }

    /// Makes a unit's package, and its image where that is wanted; else the files that somebody changed since it was measured.
    pub fn make(
        &self,
        session: &Session,
        keyed: &Keyed,
        timings: &Timings,
        logs: &Utf8Path,
        cache: Option<&SharedCache<'_>>,
    ) -> Result<Result<Made, Vec<RelPath>>> {
        let unit = &keyed.plan.unit;
        if let Some(digest) = self.image(keyed.key).filter(|_| !self.options.pushes()) {
            match self.pull(session, keyed, &digest) {
                Ok(made) => return Ok(Ok(made)),
                Err(error) => session.ui.warn(&format!("{}; building {unit} instead", told(&error))),
            }
        }
        if let Some(container) = keyed.plan.realm.container() {
            let (builder, reason) = (container.builder.as_str(), &container.reason);
            session.ui.note(&format!("{unit}: {builder} builder, because {reason}"));
        }
        let buildx = self.buildx(session)?;
        remove(logs)?;
        fs_err::create_dir_all(logs)?;
        Work { session, run: self, keyed, timings, logs, cache, buildx, warnings: Vec::new() }.build()
    }

    /// Says what making it would do.
    pub fn describe(&self, session: &Session, keyed: &Keyed) -> Result<()> {
        let (ui, unit) = (&session.ui, &keyed.plan.unit);
        if let Some(digest) = self.image(keyed.key) {
            let verb = if self.options.pushes() { "published" } else { "pulled" };
            ui.note(&format!("{unit} would be {verb}: {} has {digest}", self.options.cache));
            return Ok(());
        }
        let container = keyed.plan.realm.container().context("a unit of the native realm: a defect")?;
        ui.note(&format!("{unit} would be built in a container: {}", keyed.plan.reason));
        ui.note(&format!("  {} builder, because {}", container.builder.as_str(), container.reason));
        for step in &keyed.plan.steps {
            ui.note(&format!("  {:<18} {}", step.id, step.action));
        }
        for repository in self.options.targets().iter().filter(|_| self.options.pushes()) {
            ui.note(&format!("  {:<18} {repository}", "push to"));
        }
        ui.note(&format!("  {:<18} {}", "caches", self.options.decision.reason));
        ui.note("  `cargo xtask plan … --bake` prints the definition that `docker buildx bake` would get");
        Ok(())
    }

    fn pull(&self, session: &Session, keyed: &Keyed, digest: &ImageDigest) -> Result<Made> {
        let progress = session.ui.progress(&format!("{} · pull package", keyed.plan.unit.backend));
        let contexts = work::contexts(session, keyed)?;
        let pulled = self.remote.pull(keyed, digest, &contexts.results());
        progress.finish(&session.ui);
        pulled.with_context(|| {
            format!("the package of {} cannot be taken from the registry", keyed.plan.unit)
        })?;
        let image = Pushed { digest: digest.clone(), repositories: vec![self.options.cache.clone()] };
        Ok(Made { contexts, how: How::Pulled, warnings: Vec::new(), image: Some(image) })
    }

    /// The client, found once.
    pub fn buildx(&self, session: &Session) -> Result<Buildx> {
        let mut known = self.buildx.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(buildx) = &*known {
            return Ok(buildx.clone());
        }
        let pushes = self.options.pushes() || self.options.writes_caches();
        let buildx = bake::find(session, self.options.buildx_builder.as_deref(), pushes)?;
        *known = Some(buildx.clone());
        Ok(buildx)
    }
}

/// The tags of the cache repository that a unit could use.
fn tags(session: &Session, keyed: &Keyed, options: &Options) -> Vec<Tag> {
    let unit = &keyed.plan.unit;
    let mut tags = Vec::new();
    if !options.force {
        tags.push(CacheTag::Image(keyed.key).tag());
    }
    if let Some(container) = keyed.plan.realm.container()
        && container.base.prebuilt.is_some()
        && options.containers.builder != BuilderChoice::FromSource
    {
        tags.push(container.base.tag());
    }
    if let Some(variant) = session.manifests.variants.get(&unit.variant) {
        tags.push(model::image_names::CompilerCacheTag::of(&unit.backend, unit.platform.arch, variant).tag());
    }
    tags
}
