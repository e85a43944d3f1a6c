//! Bakes one image and shows how it goes.

use super::Contexts;
use crate::exit::Coded;
use crate::session::Session;
use crate::ui::Progress;
use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use exec::buildx::progress::{Event, Kind, Summary, Tracker};
use exec::buildx::{BakeError, Buildx, BuildxError};
use exec::run::RunError;
use plan::lower::bake::{Bake, TargetName};
use plan::oci::ImageDigest;
use std::collections::HashMap;

/// One image to bake.
#[derive(Debug)]
pub struct Job<'a> {
    /// For people.
    pub title: &'a str,
    /// The definition, with one target.
    pub bake: Bake,
    /// That target.
    pub target: TargetName,
    /// What it reads, beside the Dockerfiles of the checkout.
    pub contexts: &'a Contexts,
    /// What it reads and writes elsewhere.
    pub reads: Vec<Utf8PathBuf>,
    pub writes: Vec<Utf8PathBuf>,
}

/// The client and a builder that can do what is wanted.
pub fn find_buildx(session: &Session, builder: Option<&str>, pushes: bool) -> Result<Buildx> {
    let found = exec::buildx::find(&session.search_path()?, builder).map_err(coded)?;
    if pushes && !found.builder.driver.pushes() {
        let (builder, driver) = (found.builder.name.clone(), found.builder.driver.to_string());
        return Err(coded(BuildxError::CannotPush { builder, driver }));
    }
    Ok(found)
}

/// What is missing has its own exit code.
pub fn coded(error: BuildxError) -> anyhow::Error {
    match error {
        BuildxError::Stopped => Coded::Stopped.into(),
        error => Coded::Missing(error.to_string()).into(),
    }
}

impl Job<'_> {
    /// Bakes it. The image's digest, if it went anywhere.
    pub fn run(mut self, session: &Session, buildx: &Buildx) -> Result<Option<ImageDigest>> {
        let ways = super::network::ways(|name| std::env::var(name).ok())?;
        for target in self.bake.targets.values_mut() {
            ways.network.apply(target);
        }
        let definition = self.bake.to_json()?;
        let logs = session.root.join("target/xtask-logs/images");
        fs_err::create_dir_all(&logs)?;
        let log = logs.join(format!("{}.jsonl", self.target));
        let mut reads = self.reads;
        reads.push(session.root.join("docker"));
        reads.extend(ways.reads);
        let bake = exec::buildx::Bake {
            definition: &definition,
            targets: vec![self.target.to_string()],
            cwd: self.contexts.dir(),
            reads,
            writes: self.writes,
            secrets: ways.variables,
            metadata: &self.contexts.dir().join("metadata.json"),
            log: &log,
        };
        session.ui.detail(&format!("$ {}", buildx.command(&bake)));
        let mut watch = Watch { session, title: self.title, shown: HashMap::new() };
        let result = buildx.bake(&bake, |event, tracker| watch.event(event, tracker));
        watch.finish();
        let finished = result.map_err(|error| match error {
            BakeError::Run(RunError::Stopped) => Coded::Stopped.into(),
            error => anyhow::Error::from(error).context(format!("cannot build {}", self.title)),
        })?;
        for warning in &finished.summary.warnings {
            session.ui.warn(&format!("{}: {warning}", self.title));
        }
        let digest = finished.digests.get(self.target.as_str()).map(|digest| digest.parse()).transpose();
        let Summary { ran, cached, .. } = finished.summary;
        session.ui.detail(&format!("{}: {ran} steps ran, {cached} were cached", self.title));
        digest.context("buildx told a digest that is none")
    }
}

/// Shows what is at work.
struct Watch<'a> {
    session: &'a Session,
    title: &'a str,
    shown: HashMap<usize, Progress>,
}

impl Watch<'_> {
    fn event(&mut self, event: &Event, tracker: &Tracker) {
        match event {
            Event::Started { vertex } => {
                let kind = tracker.vertex(*vertex).map(|vertex| vertex.kind);
                let name = match kind {
                    Some(Kind::From) => "pull",
                    Some(Kind::Run) => "install",
                    Some(Kind::Export) => "export",
                    Some(Kind::CacheExport) => "export layers",
                    _ => return,
                };
                self.begin(*vertex, name);
            }
            Event::Step { vertex, id } => self.begin(*vertex, id),
            Event::Line { vertex, text } => {
                if let Some(progress) = self.shown.get(vertex) {
                    progress.line(text);
                }
                self.session.ui.detail(text);
            }
            Event::Completed { vertex } | Event::Failed { vertex } => self.end(*vertex),
            Event::Warning { text } | Event::Other { text } => self.session.ui.detail(text),
            Event::Cached { .. } | Event::Transfer { .. } => {}
        }
    }

    fn begin(&mut self, vertex: usize, name: &str) {
        self.end(vertex);
        let progress = self.session.ui.progress(&format!("{} · {name}", self.title));
        self.shown.insert(vertex, progress);
    }

    fn end(&mut self, vertex: usize) {
        if let Some(progress) = self.shown.remove(&vertex) {
            progress.finish(&self.session.ui);
        }
    }

    fn finish(mut self) {
        for (_, progress) in self.shown.drain() {
            progress.finish(&self.session.ui);
        }
    }
}
