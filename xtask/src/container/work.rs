//! One unit's build: contexts, compiler cache in, build, check, push, compiler cache out.

use super::definition::{Parts, UNIT};
use super::engine::Engine;
use super::made::Made;
use super::watch::Watch;
use super::{Staged, packer};
use crate::build::{How, Keyed, Layers, Timings};
use crate::exit::Coded;
use crate::session::Session;
use anyhow::{Context, Result, bail};
use camino::Utf8Path;
use exec::buildx::{Bake, BakeError, Buildx, Finished};
use exec::ccache::Hits;
use exec::run::RunError;
use plan::lower::bake;
use std::collections::BTreeMap;

/// One unit's build in progress.
pub struct Work<'a> {
    pub session: &'a Session,
    pub engine: &'a Engine,
    pub keyed: &'a Keyed,
    pub timings: &'a Timings,
    pub logs: &'a Utf8Path,
    pub buildx: Buildx,
    pub warnings: Vec<String>,
}

impl Work<'_> {
    /// Does it.
    pub fn build(mut self) -> Result<Made> {
        let (session, keyed, engine) = (self.session, self.keyed, self.engine);
        let unit = &keyed.plan.unit;
        let container = keyed.plan.realm.container().context("a unit of the native realm: a defect")?;
        let staged = {
            let packer = packer::directory(session, unit.platform)?;
            let staged = Staged::unit(session, keyed, &session.scratch("contexts")?)?;
            staged.add_packer(&packer)?;
            staged
        };
        let run = format!("{}-{}", std::process::id(), engine.began());
        let parts = Parts {
            session,
            keyed,
            backend: session.manifests.backends.get(&unit.backend).context("the backend is gone")?,
            container,
            options: engine.options(),
            staged: &staged,
            again: engine.forced().then_some(run.as_str()),
        };
        let tag = parts.compiler_cache()?.tag();
        if parts.compiles() && engine.has_compiler_cache(&tag) {
            self.carry("loaded", &parts, &parts.load_compiler_cache(&run)?);
        }
        let pushes = engine.options().pushes();
        let (finished, hits) = self.bake("unit", &parts, &parts.bake(pushes)?)?;
        self.warnings.extend(finished.summary.warnings.iter().cloned());
        check(&staged.package())?;
        let mut image = None;
        if pushes {
            let digest =
                finished.digests.get(UNIT).context("the builder tells no digest of what it pushed")?;
            image = Some(engine.remote().keep(keyed, &digest.parse()?)?);
        }
        if engine.options().writes_caches() && hits.total() > 0 {
            self.carry("saved", &parts, &parts.dump_compiler_cache(&run)?);
        }
        let layers = Layers { ran: finished.summary.ran, cached: finished.summary.cached };
        let how = How::Built { hits, layers: Some(layers) };
        Ok(Made { staged, how, warnings: self.warnings, image })
    }

    /// Carries a compiler cache: what a build is slower without, and nothing more.
    fn carry(&mut self, verb: &str, parts: &Parts<'_>, definition: &bake::Bake) {
        let result = self.bake(&format!("compiler-cache-{verb}"), parts, definition);
        if let Err(error) = result {
            self.warnings.push(format!("the compiler cache was not {verb}: {error:#}"));
        }
    }

    fn bake(&self, name: &str, parts: &Parts<'_>, definition: &bake::Bake) -> Result<(Finished, Hits)> {
        let (session, keyed, logs) = (self.session, self.keyed, self.logs);
        let definition = definition.to_json()?;
        let (metadata, log) =
            (parts.staged.scratch().join("metadata.json"), logs.join(format!("{name}.jsonl")));
        let bake = Bake {
            definition: &definition,
            targets: vec![UNIT.to_owned()],
            cwd: parts.staged.dir(),
            reads: vec![parts.dockerfiles()],
            writes: Vec::new(),
            secrets: BTreeMap::new(),
            metadata: &metadata,
            log: &log,
        };
        session.ui.detail(&format!("$ {}", self.buildx.command(&bake)));
        let mut watch = Watch::start(session, self.timings, &keyed.plan.unit, logs);
        let result = self.buildx.bake(&bake, |event, tracker| watch.event(event, tracker));
        let (hits, unwritten) = watch.finish();
        if let Some(error) = unwritten {
            session.ui.warn(&format!("the logs below {logs} are not whole: {error}"));
        }
        Ok((result.map_err(|error| failed(error, keyed, logs))?, hits))
    }
}

/// A failed build as the error of a command: with the log of the step that failed, and a stop as a stop.
fn failed(error: BakeError, keyed: &Keyed, logs: &Utf8Path) -> anyhow::Error {
    let error = match error {
        BakeError::Run(RunError::Stopped) => return Coded::Stopped.into(),
        BakeError::Failed { what, step: Some(step), why, tail, .. } => {
            let log = logs.join(format!("{step}.log"));
            BakeError::Failed { what, step: Some(step), why, tail, log }
        }
        error => error,
    };
    anyhow::Error::from(error).context(format!("cannot build {}", keyed.plan.unit))
}

/// A package that came out of a build must be as sound as one that was packed here.
fn check(package: &Utf8Path) -> Result<()> {
    let violations =
        pack::check(package).with_context(|| format!("cannot check the package at {package}"))?;
    if violations.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = violations.iter().map(|violation| format!("  {violation}")).collect();
    bail!("the package that came out of the build is not sound:\n{}", list.join("\n"))
}
