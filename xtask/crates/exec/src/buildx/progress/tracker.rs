//! Follows a build line by line.

use super::record::{LogRecord, Record, StatusRecord, VertexRecord};
use super::{Event, Kind, State, Summary, Vertex};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::time::calendar::parse_rfc3339;
use std::collections::HashMap;

/// Follows a build line by line.
#[derive(Debug, Default)]
pub struct Tracker {
    vertices: Vec<Vertex>,
    places: HashMap<String, usize>,
}

impl Tracker {
    /// Everything that is known of, in the order of appearance.
    pub fn vertices(&self) -> &[Vertex] {
        &self.vertices
    }

    /// One of them; an event's number always names one.
    pub fn vertex(&self, number: usize) -> Option<&Vertex> {
        self.vertices.get(number)
    }

    /// The one that failed the build: the last that did, where a cache's failure does not count.
    pub fn failed(&self) -> Option<&Vertex> {
        let fails = |vertex: &&Vertex| {
            matches!(vertex.state, State::Failed(_))
                && !matches!(vertex.kind, Kind::CacheImport | Kind::CacheExport)
        };
        let canceled = |vertex: &&Vertex| matches!(&vertex.state, State::Failed(why) if why.contains("context canceled"));
        // What ran beside the culprit is cancelled, and says so as an error of its own.
        let failed = || self.vertices.iter().filter(fails);
        failed().rfind(|vertex| !canceled(vertex)).or_else(|| failed().next_back())
    }

    /// What the build came to.
    pub fn summary(&self) -> Summary {
        Summary::of(&self.vertices)
    }

    /// Takes one line and says what is new in it.
    pub fn line(&mut self, line: &str) -> Vec<Event> {
        let text = line.trim_end();
        if text.is_empty() {
            return Vec::new();
        }
        let Some(record) = text.starts_with('{').then(|| serde_json::from_str::<Record>(text).ok()).flatten()
        else {
            return vec![Event::Other { text: text.to_owned() }];
        };
        let mut events = Vec::new();
        for vertex in record.vertexes.iter().filter(|vertex| !vertex.digest.is_empty()) {
            self.note(vertex, &mut events);
        }
        for status in &record.statuses {
            self.moved(status, &mut events);
        }
        for log in &record.logs {
            self.printed(log, &mut events);
        }
        for warning in &record.warnings {
            let text = String::from_utf8_lossy(&decoded(&warning.short)).into_owned();
            events.push(Event::Warning { text });
        }
        events
    }

    fn note(&mut self, record: &VertexRecord, events: &mut Vec<Event>) {
        let next = self.vertices.len();
        let number = *self.places.entry(record.digest.clone()).or_insert(next);
        if number == next {
            self.vertices.push(Vertex::new(&record.name));
        }
        let Some(vertex) = self.vertices.get_mut(number) else { return };
        if let Some(started) = record.started.as_deref().and_then(parse_rfc3339) {
            // A vertex may pause and go on: the whole counts.
            vertex.started = Some(vertex.started.map_or(started, |first| first.min(started)));
        }
        if let Some(completed) = record.completed.as_deref().and_then(parse_rfc3339) {
            vertex.completed = Some(completed);
        }
        let over = record.completed.is_some();
        let state = match (over, record.started.is_some()) {
            (true, _) if !record.error.is_empty() => State::Failed(record.error.clone()),
            (true, _) if record.cached => State::Cached,
            (true, _) => State::Done,
            // `started` and `cached` without an end: it is being fetched from the cache.
            (false, true) if !record.cached => State::Running,
            _ => return,
        };
        if vertex.state == state {
            return;
        }
        let first = vertex.state == State::Waiting;
        let event = match &state {
            State::Running if first => Some(Event::Started { vertex: number }),
            State::Cached => Some(Event::Cached { vertex: number }),
            State::Done => Some(Event::Completed { vertex: number }),
            State::Failed(_) => Some(Event::Failed { vertex: number }),
            State::Running | State::Waiting => None,
        };
        vertex.state = state;
        if over {
            let rest = vertex.rest();
            self.lines(number, rest, events);
        }
        events.extend(event);
    }

    fn moved(&self, record: &StatusRecord, events: &mut Vec<Event>) {
        let Some(vertex) = self.places.get(&record.vertex) else { return };
        let bytes = |count: i64| u64::try_from(count).ok().filter(|count| *count > 0);
        if let Some(current) = bytes(record.current) {
            events.push(Event::Transfer {
                vertex: *vertex,
                what: record.id.clone(),
                current,
                total: bytes(record.total),
            });
        }
    }

    fn printed(&mut self, record: &LogRecord, events: &mut Vec<Event>) {
        let Some(number) = self.places.get(&record.vertex).copied() else { return };
        let Some(vertex) = self.vertices.get_mut(number) else { return };
        let lines = vertex.chunk(usize::from(record.stream == 2), &decoded(&record.data));
        self.lines(number, lines, events);
    }

    fn lines(&mut self, number: usize, lines: Vec<String>, events: &mut Vec<Event>) {
        for text in lines {
            match mark(&text) {
                Some(id) => {
                    if let Some(vertex) = self.vertices.get_mut(number) {
                        vertex.step = Some(id.to_owned());
                    }
                    events.push(Event::Step { vertex: number, id: id.to_owned() });
                }
                None => events.push(Event::Line { vertex: number, text }),
            }
        }
    }
}

/// The step that a line like `== configure` announces.
fn mark(line: &str) -> Option<&str> {
    let id = line.strip_prefix("== ")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    (!id.is_empty() && id.len() <= 64 && id.chars().all(plain)).then_some(id)
}

/// The bytes of a chunk; what is no base64 is told as it is.
fn decoded(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap_or_else(|_| text.as_bytes().to_vec())
}

#[cfg(test)]
mod tests;
