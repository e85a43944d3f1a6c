//! Shows a build through BuildKit as one of the native realm: progress by step, a log file a step.

use crate::make::Timings;
use crate::session::Session;
use camino::{Utf8Path, Utf8PathBuf};
use exec::buildx::progress::{Event, Kind, Tracker, Vertex};
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::time::Instant;
use ui::Progress;

/// The step of `build.sh` that prints what the compiler cache did.
const CCACHE: &str = "ccache";

/// Follows one build.
pub struct Watch<'a> {
    session: &'a Session,
    timings: Option<&'a Timings>,
    short: &'a str,
    title: &'a str,
    logs: Utf8PathBuf,
    shown: HashMap<usize, Shown>,
    /// The step that each vertex is in. Not the tracker's, which has read on to the end of a chunk.
    steps: HashMap<usize, String>,
    files: BTreeMap<String, fs_err::File>,
    ccache: Vec<String>,
    failure: Option<std::io::Error>,
}

/// What is at work.
struct Shown {
    progress: Progress,
    name: String,
    began: Instant,
}

impl<'a> Watch<'a> {
    /// Logs go to `logs`.
    pub fn start(
        session: &'a Session,
        timings: Option<&'a Timings>,
        short: &'a str,
        title: &'a str,
        logs: &Utf8Path,
    ) -> Self {
        Self {
            session,
            timings,
            short,
            title,
            logs: logs.to_owned(),
            shown: HashMap::new(),
            steps: HashMap::new(),
            files: BTreeMap::new(),
            ccache: Vec::new(),
            failure: None,
        }
    }

    /// Takes note of one event.
    pub fn event(&mut self, event: &Event, tracker: &Tracker) {
        match event {
            Event::Started { vertex } => {
                if let Some(name) = tracker.vertex(*vertex).and_then(work) {
                    self.begin(*vertex, name);
                }
            }
            Event::Step { vertex, id } => {
                self.steps.insert(*vertex, id.clone());
                self.begin(*vertex, id.clone());
            }
            Event::Line { vertex, text } => self.line(*vertex, text, tracker),
            Event::Transfer { vertex, current, total, .. } => {
                if let (Some(shown), Some(total)) = (self.shown.get(vertex), total) {
                    shown.progress.line(&format!("{} of {} MiB", current >> 20, total >> 20));
                }
            }
            Event::Cached { vertex } => {
                if let Some(vertex) = tracker.vertex(*vertex).filter(|vertex| vertex.kind == Kind::Run) {
                    self.session.ui.detail(&format!("cached: {}", vertex.name));
                }
            }
            Event::Completed { vertex } | Event::Failed { vertex } => self.end(*vertex),
            Event::Warning { text } | Event::Other { text } => self.session.ui.detail(text),
        }
    }

    /// Ends what is still shown. What the compiler cache did, and why a log file could not be written.
    pub fn finish(mut self) -> (exec::ccache::Hits, Option<std::io::Error>) {
        let running: Vec<usize> = self.shown.keys().copied().collect();
        for vertex in running {
            self.end(vertex);
        }
        (exec::ccache::counted(&self.ccache), self.failure)
    }

    fn begin(&mut self, vertex: usize, name: String) {
        self.end(vertex);
        let progress = self.session.ui.progress(&format!("{} · {name}", self.short));
        self.shown.insert(vertex, Shown { progress, name, began: Instant::now() });
    }

    fn end(&mut self, vertex: usize) {
        if let Some(shown) = self.shown.remove(&vertex) {
            if let Some(timings) = self.timings {
                timings.record(self.title, &shown.name, shown.began);
            }
            shown.progress.finish(&self.session.ui);
        }
    }

    fn line(&mut self, number: usize, text: &str, tracker: &Tracker) {
        let Some(vertex) = tracker.vertex(number) else { return };
        if let Some(shown) = self.shown.get(&number) {
            shown.progress.line(text);
        }
        self.session.ui.detail(text);
        let step = self.steps.get(&number).cloned();
        if step.as_deref() == Some(CCACHE) {
            self.ccache.push(text.to_owned());
        }
        let name = step.unwrap_or_else(|| stage(vertex).to_owned());
        if let Err(error) = self.log(&name, text) {
            self.failure.get_or_insert(error);
        }
    }

    fn log(&mut self, name: &str, text: &str) -> std::io::Result<()> {
        if !self.files.contains_key(name) {
            let file = fs_err::File::create(self.logs.join(format!("{name}.log")))?;
            self.files.insert(name.to_owned(), file);
        }
        match self.files.get_mut(name) {
            Some(file) => writeln!(file, "{text}"),
            None => Ok(()),
        }
    }
}

/// What a vertex is called while it works; none for what is over at once.
fn work(vertex: &Vertex) -> Option<String> {
    match vertex.kind {
        Kind::Run => Some(stage(vertex).to_owned()),
        Kind::From => vertex.name.split("FROM ").nth(1).map(|image| {
            let image = image.split('@').next().unwrap_or(image);
            format!("pull {image}")
        }),
        Kind::Context => Some(stage(vertex).replace("context ", "send ")),
        Kind::Export | Kind::CacheExport => {
            Some(vertex.name.rsplit_once("] ").map_or(vertex.name.as_str(), |(_, what)| what).to_owned())
        }
        Kind::CacheImport | Kind::Instruction | Kind::Internal => None,
    }
}

/// The stage of `[unit builder 1/2] RUN …` or `[builder 1/2] RUN …`; safe as a file's name.
fn stage(vertex: &Vertex) -> &str {
    let bracket = vertex.name.strip_prefix('[').and_then(|name| name.split(']').next()).unwrap_or("build");
    let words =
        bracket.rsplit_once(' ').filter(|(_, count)| count.contains('/')).map_or(bracket, |(words, _)| words);
    let stage = if words.contains("context ") { words } else { words.rsplit(' ').next().unwrap_or(words) };
    if stage.contains('/') { "build" } else { stage }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_has_short_names() {
        let name = |name: &str, started: &str| {
            let mut tracker = Tracker::default();
            let record =
                serde_json::json!({ "vertexes": [{ "digest": "d", "name": name, "started": started }] });
            tracker.line(&record.to_string());
            work(tracker.vertex(0).unwrap())
        };
        let at = "2026-11-22T21:04:42Z";
        for (vertex, shown) in [
            ("[builder 1/2] RUN sh", Some("builder")),
            ("[unit builder-fromsource 2/2] RUN sh", Some("builder-fromsource")),
            (
                "[base 1/2] FROM docker.io/library/debian:12@sha256:00",
                Some("pull docker.io/library/debian:12"),
            ),
            ("[context sources] load from client", Some("send sources")),
            ("[unit] exporting cache to registry", Some("exporting cache to registry")),
            ("exporting to image", Some("exporting to image")),
            ("[internal] load build definition from Dockerfile", None),
        ] {
            assert_eq!(name(vertex, at).as_deref(), shown, "{vertex}");
        }
    }
}
