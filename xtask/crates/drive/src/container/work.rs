//! One unit's build: contexts, compiler cache in, build, check, push, compiler cache out.

use super::definition::Parts;
use super::made::Made;
use super::{ContainerRun, stage};
use crate::bake::{Contexts, Definition, Job};
use crate::error::told;
use crate::helpers::Helper;
use crate::make::{How, Keyed, Layers, SharedCache, Timings, copy_tree};
use crate::session::Session;
use crate::trusted::Signer;
use anyhow::{Context, Result, bail};
use camino::Utf8Path;
use exec::buildx::{Buildx, Finished};
use exec::ccache::Hits;
use model::oci::Tag;
use plan::lower::{DUMP, LOAD, UNIT};
use store::RelPath;

/// One unit's build in progress.
pub struct Work<'a> {
    pub session: &'a Session,
    pub run: &'a ContainerRun,
    pub keyed: &'a Keyed,
    pub timings: &'a Timings,
    pub logs: &'a Utf8Path,
    pub cache: Option<&'a SharedCache<'a>>,
    pub buildx: Buildx,
    pub warnings: Vec<String>,
}

impl Work<'_> {
    /// Does it.
    ///
    /// Else the files that somebody changed since it was measured.
    pub fn build(mut self) -> Result<Result<Made, Vec<RelPath>>> {
        let (session, keyed, run) = (self.session, self.keyed, self.run);
        let unit = &keyed.plan.unit;
        let packer = Helper::Pack.directory(session, unit.platform)?;
        let contexts = contexts(session, keyed)?;
        let changed = stage::stage(session, keyed, &contexts)?;
        if !changed.is_empty() {
            return Ok(Err(changed));
        }
        copy_tree(&packer, &contexts.packer)?;
        let id = &format!("{}-{}", std::process::id(), run.began);
        let (definition, compiler_cache) =
            Parts { session, keyed, run, contexts: &contexts, cache: self.cache, id }.definition()?;
        let is_there = |tag: &Tag| run.answers.presence(tag).into_image().is_some();
        if compiler_cache.as_ref().is_some_and(is_there) {
            self.carry("loaded", LOAD, &contexts, &definition);
        }
        let (finished, hits) = self.bake(UNIT, &contexts, &definition)?;
        if let Some(cache) = self.cache {
            cache.account(hits);
        }
        self.warnings.extend(finished.summary.warnings.iter().cloned());
        check(&contexts.package())?;
        let mut image = None;
        if run.options.pushes() {
            let digest =
                finished.digests.get(UNIT).context("the builder tells no digest of what it pushed")?;
            let digest = digest.parse()?;
            image = Some(run.remote.keep(keyed, &digest)?);
            if let Err(error) = run.remote.attest(session, keyed, &digest) {
                self.warnings.push(told(&error));
            }
            if let Err(error) = run.remote.keep_lock(session, keyed, &digest, &contexts.package()) {
                self.warnings.push(format!("what its requirements came to was not kept: {}", told(&error)));
            }
        }
        // A build whose layers were all there used no compiler cache, and so has none to save.
        if let Some(tag) = compiler_cache.filter(|_| run.options.writes_caches() && hits.total() > 0)
            && let Some(finished) = self.carry("saved", DUMP, &contexts, &definition)
            && let Err(error) = self.attest(&tag, finished.digests.get(DUMP).map(String::as_str))
        {
            self.warnings.push(format!("the compiler cache was not signed: {}", told(&error)));
        }
        let layers = Layers { ran: finished.summary.ran, cached: finished.summary.cached };
        let how = How::Built { hits, layers: Some(layers) };
        Ok(Ok(Made { contexts, how, warnings: self.warnings, image }))
    }

    /// Carries a compiler cache: what a build is slower without, and nothing more.
    fn carry(
        &mut self,
        verb: &str,
        target: &str,
        contexts: &Contexts,
        definition: &Definition,
    ) -> Option<Finished> {
        match self.bake(target, contexts, definition) {
            Ok((finished, _)) => Some(finished),
            Err(error) => {
                self.warnings.push(format!("the compiler cache was not {verb}: {}", told(&error)));
                None
            }
        }
    }

    /// Says who made what the builder pushed under a tag.
    fn attest(&self, tag: &Tag, pushed: Option<&str>) -> Result<()> {
        let digest = pushed.context("the builder tells no digest of what it pushed")?.parse()?;
        let remote = &self.run.remote;
        Signer::attest(self.session, remote.client(), &self.run.options.cache, tag, &digest)
    }

    fn bake(&self, target: &str, contexts: &Contexts, definition: &Definition) -> Result<(Finished, Hits)> {
        let unit = &self.keyed.plan.unit;
        let job = Job {
            title: &unit.to_string(),
            short: unit.backend.as_str(),
            definition,
            target,
            contexts,
            reads: Vec::new(),
            writes: Vec::new(),
            logs: self.logs,
            timings: Some(self.timings),
        };
        job.run(self.session, &self.buildx)
    }
}

/// A directory for the contexts of a unit.
pub fn contexts(session: &Session, keyed: &Keyed) -> Result<Contexts> {
    Contexts::new(session, &format!("contexts-{}", keyed.key.stem()))
}

/// A package that was made elsewhere must be as sound as one that was packed here.
pub fn check(package: &Utf8Path) -> Result<()> {
    let violations =
        pack::check(package).with_context(|| format!("cannot check the package at {package}"))?;
    if violations.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = violations.iter().map(|violation| format!("  {violation}")).collect();
    bail!("the package is not sound:\n{}", list.join("\n"))
}
