//! Runs one `docker buildx bake`: the definition on its standard input, its progress followed, killable as a group.

use super::progress::{Event, State, Summary, Tracker};
use super::{Buildx, FILE_RIGHTS};
use crate::environment;
use crate::resolved::Resolved;
use crate::run::{self, RunError};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;
use std::io::Write;

/// What to bake.
#[derive(Debug, Clone)]
pub struct Bake<'a> {
    /// The definition, JSON.
    pub definition: &'a str,
    /// Which of its targets.
    pub targets: Vec<String>,
    /// Working directory: what lies below may be read and written anyway.
    pub cwd: &'a Utf8Path,
    /// What else the definition reads.
    pub reads: Vec<Utf8PathBuf>,
    /// What else it writes.
    pub writes: Vec<Utf8PathBuf>,
    /// Variables that the definition takes secrets from.
    pub secrets: BTreeMap<String, String>,
    /// Where the result's digests go.
    pub metadata: &'a Utf8Path,
    /// Where every line of progress goes as it came.
    pub log: &'a Utf8Path,
}

/// A build that came to its end.
#[derive(Debug, Clone)]
pub struct Finished {
    /// What it came to.
    pub summary: Summary,
    /// Digest of the image of each target that has one.
    pub digests: BTreeMap<String, String>,
}

/// A build that did not.
#[derive(Debug, thiserror::Error)]
pub enum BakeError {
    /// A step of the build, or what comes after it.
    #[error("{what} failed: {why}{tail}\nfull log: {log}")]
    Failed {
        /// The vertex, or what there is to say without one.
        what: String,
        /// Step of the plan that it was in.
        step: Option<String>,
        /// What BuildKit said.
        why: String,
        /// The last lines that it printed, each on a line of its own.
        tail: String,
        /// Where all progress is.
        log: Utf8PathBuf,
    },
    /// It could not be run or followed, or was stopped.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Its metadata cannot be read.
    #[error("buildx wrote no metadata that can be read to {file}: {error}")]
    Metadata {
        /// Which file.
        file: Utf8PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

impl Buildx {
    /// The command that [`Buildx::bake`] runs.
    pub fn command(&self, bake: &Bake<'_>) -> Resolved {
        let mut cmd = Resolved::new(self.docker.as_str(), bake.cwd)
            .args(["buildx", "bake", "--builder", self.builder.name.as_str()])
            .args(["--file", "-", "--progress", "rawjson", "--metadata-file", bake.metadata.as_str()]);
        if self.version >= FILE_RIGHTS {
            for (right, paths) in [("read", &bake.reads), ("write", &bake.writes)] {
                let outside = paths.iter().filter(|path| !path.starts_with(bake.cwd));
                cmd.args.extend(outside.map(|path| format!("--allow=fs.{right}={path}")));
            }
        }
        cmd.args.extend(bake.targets.iter().cloned());
        cmd.stdin = Some(bake.definition.to_owned());
        // The client finds its builder, credentials and certificates through the user's own variables.
        cmd.env = environment::users();
        cmd.env.extend(bake.secrets.clone());
        // The same manifest for the same files, and no walk through the checkout's history.
        for (name, value) in [
            ("BUILDX_NO_DEFAULT_ATTESTATIONS", "1"),
            ("BUILDX_METADATA_PROVENANCE", "disabled"),
            ("BUILDX_GIT_LABELS", "0"),
            ("BUILDX_GIT_CHECK_DIRTY", "0"),
        ] {
            cmd.env.insert(name.to_owned(), value.to_owned());
        }
        cmd
    }

    /// Bakes, and tells `watch` of everything that happens.
    pub fn bake(
        &self,
        bake: &Bake<'_>,
        mut watch: impl FnMut(&Event, &Tracker),
    ) -> Result<Finished, BakeError> {
        let cmd = self.command(bake);
        let output =
            |error| RunError::Output { program: cmd.program.clone(), log: bake.log.to_owned(), error };
        let mut file = fs_err::File::create(bake.log).map_err(output)?;
        let mut tracker = Tracker::default();
        let mut said = Vec::new();
        let status = run::follow(&cmd, bake.log, |line| {
            file.write_all(line)?;
            for event in tracker.line(&String::from_utf8_lossy(line)) {
                if let Event::Other { text } = &event {
                    said.push(text.clone());
                }
                watch(&event, &tracker);
            }
            Ok(())
        })?;
        if !status.success() {
            return Err(failure(&tracker, &said, bake.log));
        }
        Ok(Finished { summary: tracker.summary(), digests: digests(bake.metadata)? })
    }
}

fn failure(tracker: &Tracker, said: &[String], log: &Utf8Path) -> BakeError {
    let last = said.iter().rev().find_map(|line| line.strip_prefix("ERROR: ")).map(str::to_owned);
    let log = log.to_owned();
    let lines = |lines: &mut dyn Iterator<Item = &String>| {
        lines.fold(String::new(), |text, line| text + "\n  │ " + line)
    };
    match tracker.failed() {
        Some(vertex) => {
            let why = match &vertex.state {
                State::Failed(why) => why.clone(),
                _ => last.unwrap_or_default(),
            };
            // The message repeats the whole command; the end of it says how it went.
            let why = why.rsplit_once("did not complete successfully: ").map_or(why.as_str(), |(_, why)| why);
            BakeError::Failed {
                what: vertex
                    .step
                    .as_ref()
                    .map_or_else(|| vertex.name.clone(), |step| format!("step `{step}`")),
                step: vertex.step.clone(),
                why: why.to_owned(),
                tail: lines(&mut vertex.tail.iter()),
                log,
            }
        }
        None => BakeError::Failed {
            what: "docker buildx bake".to_owned(),
            step: None,
            why: last.unwrap_or_else(|| "it ended without saying why".to_owned()),
            tail: lines(&mut said.iter().rev().take(25).rev()),
            log,
        },
    }
}

/// `{"target": {"containerimage.digest": "sha256:…"}}`, among much else.
fn digests(file: &Utf8Path) -> Result<BTreeMap<String, String>, BakeError> {
    let unreadable = |error| BakeError::Metadata { file: file.to_owned(), error };
    let text = fs_err::read(file).map_err(unreadable)?;
    let targets: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&text).map_err(|error| unreadable(error.into()))?;
    let digest = |target: &serde_json::Value| Some(target.get("containerimage.digest")?.as_str()?.to_owned());
    Ok(targets.iter().filter_map(|(name, target)| Some((name.clone(), digest(target)?))).collect())
}
