//! Bakes one target and shows how it goes.

use super::watch::Watch;
use super::{Contexts, Definition};
use crate::make::Timings;
use crate::session::Session;
use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use exec::buildx::{Bake, BakeError, Buildx, Finished};
use exec::ccache::Hits;

/// One target to bake.
#[derive(Debug)]
pub struct Job<'a> {
    /// What it makes, for people.
    pub title: &'a str,
    /// The same beside each step that is at work.
    pub short: &'a str,
    /// The definition.
    pub definition: &'a Definition,
    /// Its target.
    pub target: &'a str,
    /// What it reads and writes.
    pub contexts: &'a Contexts,
    /// What else it reads.
    pub reads: Vec<Utf8PathBuf>,
    /// What else it writes.
    pub writes: Vec<Utf8PathBuf>,
    /// The directory for a log a step, and one of all progress.
    pub logs: &'a Utf8Path,
    /// Takes the time of each step.
    pub timings: Option<&'a Timings>,
}

impl Job<'_> {
    /// Bakes it. What came of it, and what the compiler cache did.
    pub fn run(self, session: &Session, buildx: &Buildx) -> Result<(Finished, Hits)> {
        let (title, logs) = (self.title, self.logs);
        let Definition { text, reads, variables } = self.definition;
        let bake = Bake {
            definition: text,
            targets: vec![self.target.to_owned()],
            cwd: self.contexts.dir(),
            reads: reads.iter().cloned().chain(self.reads).collect(),
            writes: self.writes,
            secrets: variables.clone(),
            metadata: &self.contexts.results().join("metadata.json"),
            log: &logs.join(format!("{}.jsonl", self.target)),
        };
        session.ui.detail(&format!("$ {}", buildx.command(&bake)));
        let mut watch = Watch::start(session, self.timings, self.short, title, logs);
        let result = buildx.bake(&bake, |event, tracker| watch.event(event, tracker));
        let (hits, unwritten) = watch.finish();
        if let Some(error) = unwritten {
            session.ui.warn(&format!("the logs below {logs} are not whole: {error}"));
        }
        Ok((result.map_err(|error| failed(error, title, logs))?, hits))
    }
}

/// A failed build as the error of a command: with the log of the step that failed.
fn failed(error: BakeError, title: &str, logs: &Utf8Path) -> anyhow::Error {
    let error = match error {
        BakeError::Failed { what, step: Some(step), why, tail, .. } => {
            let log = logs.join(format!("{step}.log"));
            BakeError::Failed { what, step: Some(step), why, tail, log }
        }
        error => error,
    };
    anyhow::Error::from(error).context(format!("cannot build {title}"))
}
