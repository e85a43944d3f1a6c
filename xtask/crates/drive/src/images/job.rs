//! Bakes one image.

use super::Contexts;
use crate::bake::{self, Reach, reach};
use crate::session::Session;
use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use exec::buildx::Buildx;
use exec::buildx::progress::Summary;
use model::oci::ImageDigest;
use plan::lower::bake::{Bake, TargetName};

/// One image to bake.
#[derive(Debug)]
pub struct Job<'a> {
    /// For people.
    pub title: &'a str,
    /// The definition, with one target.
    pub bake: Bake,
    /// That target.
    pub target: TargetName,
    /// What it reads.
    pub contexts: &'a Contexts,
    /// What it reads elsewhere.
    pub reads: Vec<Utf8PathBuf>,
    /// What it writes elsewhere.
    pub writes: Vec<Utf8PathBuf>,
}

impl Job<'_> {
    /// Bakes it. The image's digest, if it went anywhere.
    pub fn run(mut self, session: &Session, buildx: &Buildx) -> Result<Option<ImageDigest>> {
        let Reach { network, variables } = reach(|name| std::env::var(name).ok())?;
        for target in self.bake.targets.values_mut() {
            network.apply(target);
        }
        let logs = session.root.join("target/xtask-logs/images").join(self.target.as_str());
        fs_err::create_dir_all(&logs)?;
        let mut reads = self.reads;
        reads.extend(network.files());
        let (title, dir) = (self.title, self.contexts.dir());
        let job = bake::Job {
            title,
            short: title,
            definition: &self.bake.to_json()?,
            target: self.target.as_str(),
            cwd: dir,
            reads,
            writes: self.writes,
            variables,
            metadata: &dir.join("metadata.json"),
            logs: &logs,
            timings: None,
        };
        let (finished, _) = job.run(session, buildx)?;
        for warning in &finished.summary.warnings {
            session.ui.warn(&format!("{title}: {warning}"));
        }
        let digest = finished.digests.get(self.target.as_str()).map(|digest| digest.parse()).transpose();
        let Summary { ran, cached, .. } = finished.summary;
        session.ui.detail(&format!("{title}: {ran} steps ran, {cached} were cached"));
        digest.context("buildx told a digest that is none")
    }
}
