//! A node of the build graph, and how far it is.

use super::Kind;
use std::collections::VecDeque;
use std::time::Duration;

/// Lines of output kept for an error message.
const TAIL: usize = 25;
/// A line that does not end is cut here.
const LONGEST: usize = 64 * 1024;

/// How far a vertex is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nothing is known but its name.
    Waiting,
    /// At work.
    Running,
    /// Found in a cache.
    Cached,
    /// Done.
    Done,
    /// Failed, and why.
    Failed(String),
}

/// A node of the build graph.
#[derive(Debug, Clone)]
pub struct Vertex {
    /// Its name, as BuildKit prints it.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    /// How far it is.
    pub state: State,
    /// The step of the plan that it is in, once a script has named one.
    pub step: Option<String>,
    /// The last lines that its process printed.
    pub tail: VecDeque<String>,
    pub(super) started: Option<Duration>,
    pub(super) completed: Option<Duration>,
    /// Output behind the last end of line, by stream.
    pub(super) partial: [Vec<u8>; 2],
}

impl Vertex {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: Kind::of(name),
            state: State::Waiting,
            step: None,
            tail: VecDeque::new(),
            started: None,
            completed: None,
            partial: [Vec::new(), Vec::new()],
        }
    }

    /// How long it worked; none until it is done.
    pub fn took(&self) -> Option<Duration> {
        self.completed?.checked_sub(self.started?)
    }

    /// Takes a chunk of output and returns the lines that are now whole.
    pub(super) fn chunk(&mut self, stream: usize, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for byte in bytes {
            let line = &mut self.partial[stream.min(1)];
            if *byte != b'\n' && line.len() < LONGEST {
                line.push(*byte);
                continue;
            }
            let whole = std::mem::take(line);
            if *byte != b'\n' {
                line.push(*byte);
            }
            lines.push(self.keep(&whole));
        }
        lines
    }

    /// What was printed without an end of line.
    pub(super) fn rest(&mut self) -> Vec<String> {
        let partial = std::mem::take(&mut self.partial);
        partial.iter().filter(|line| !line.is_empty()).map(|line| self.keep(line)).collect()
    }

    fn keep(&mut self, line: &[u8]) -> String {
        // A progress bar writes one line over and over: what stood there last is what a terminal would show.
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end().rsplit('\r').next().unwrap_or_default().to_owned();
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(text.clone());
        text
    }
}
