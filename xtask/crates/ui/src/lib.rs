//! What people and programs see: bars on a terminal, plain lines elsewhere, JSON events on request.
//!
//! A crate of its own, below what carries plans out, because that reports as it goes on.

// First: its macros are seen by what follows.
#[macro_use]
mod print;

mod duration;
mod escape;
pub mod github;
mod progress;
mod shown;

pub use duration::{age, human};
pub use print::{err, failure, note_printed, out, printed};
pub use progress::Progress;
pub use shown::Shown;

use camino::Utf8Path;
use indicatif::{BinaryBytes, MultiProgress};
use serde::{Deserialize, Serialize};
use std::fmt::Arguments;
use std::io::IsTerminal;

/// A text of somebody else as a line that steers neither a terminal nor GitHub.
pub fn harmless(text: &str) -> String {
    escape::inert(&escape::told(text))
}

/// Bytes as people say them, in binary multiples.
pub fn size(bytes: u64) -> String {
    BinaryBytes(bytes).to_string()
}

/// What is said, and how.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Reporting {
    /// Only warnings, errors and the last line.
    pub quiet: bool,
    /// Every command and every line that it prints.
    pub verbose: bool,
    /// With colours or without; none as the terminal at hand has it.
    pub color: Option<bool>,
    /// A program reads along: JSON events instead of lines.
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Terminal,
    Plain,
    Json,
}

#[derive(Serialize)]
struct Asked<'a, T> {
    event: &'static str,
    data: &'a T,
}

/// Where status goes. Data that was asked for goes to stdout by itself.
#[derive(Debug)]
pub struct Ui {
    mode: Mode,
    quiet: bool,
    verbose: bool,
    color: bool,
    github: bool,
    bars: MultiProgress,
}

impl Ui {
    /// With the terminal at hand.
    pub fn new(reporting: Reporting) -> Self {
        let Reporting { quiet, verbose, color, json } = reporting;
        let terminal = std::io::stderr().is_terminal();
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let mode = match json {
            true => Mode::Json,
            false if terminal && !set("CI") && !quiet && !verbose => Mode::Terminal,
            false => Mode::Plain,
        };
        let color = color.unwrap_or_else(|| terminal && !set("NO_COLOR"));
        Self { mode, quiet, verbose, color, github: set("GITHUB_ACTIONS"), bars: MultiProgress::new() }
    }

    /// What is said, and how.
    pub fn reporting(&self) -> Reporting {
        let Self { quiet, verbose, color, .. } = *self;
        Reporting { quiet, verbose, color: Some(color), json: self.json() }
    }

    /// Something that is good to know.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.emit("note", text, &self.told(text));
        }
    }

    /// Something that only `--verbose` shows.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            self.emit("detail", text, &self.told(text));
        }
    }

    /// Something that a person should look at, though the work goes on.
    pub fn warn(&self, text: &str) {
        self.judged("warning", "33;1", text);
    }

    /// Something about a place in a file, which GitHub shows beside it; nothing anywhere else.
    pub fn annotate(&self, file: &Utf8Path, place: (usize, usize), title: &str, text: &str) {
        if self.github && self.mode != Mode::Json {
            println!("{}", github::error_at(file.as_str(), place, title, text));
        }
    }

    /// What stopped the command.
    pub fn error(&self, text: &str) {
        self.judged("error", "31;1", text);
    }

    /// Mistakes in files, which stopped the command.
    pub fn wrong(&self, shown: &Shown) {
        if self.github || self.mode == Mode::Json {
            return self.error(shown.plain());
        }
        // Rendered with care for what the files hold: its own colours are the only control characters.
        let text = if self.color { shown.colored() } else { shown.plain() };
        self.emit("error", shown.plain(), &self.paint("31;1", "error", text));
    }

    /// The last line: what was made, where, how long it took, what the caches did.
    pub fn done(&self, text: &str) {
        self.emit("done", text, &self.paint("32;1", "done", &self.told(text)));
    }

    /// Whether a program reads along.
    pub fn json(&self) -> bool {
        self.mode == Mode::Json
    }

    /// One line of what was asked for.
    pub fn line(&self, text: Arguments<'_>) {
        match self.mode {
            Mode::Json => println!("{}", serde_json::json!({ "event": "line", "text": text.to_string() })),
            Mode::Terminal | Mode::Plain => println!("{}", self.told(&text.to_string())),
        }
    }

    /// A document that was asked for, as it is; it holds nothing that is not escaped in it.
    pub fn document(&self, text: &str) {
        match self.mode {
            Mode::Json => self.line(format_args!("{text}")),
            Mode::Terminal | Mode::Plain => println!("{text}"),
        }
    }

    /// Mistakes in files that were asked for.
    pub fn shown(&self, shown: &Shown) {
        match self.mode {
            Mode::Json => self.line(format_args!("{}", shown.plain())),
            _ if self.color => println!("{}", self.inert(shown.colored())),
            _ => println!("{}", self.inert(shown.plain())),
        }
    }

    /// What was asked for, as JSON: an event if all is, else for people to read.
    pub fn data<T: Serialize>(&self, data: &T) -> serde_json::Result<()> {
        match self.mode {
            Mode::Json => {
                println!("{}", serde_json::to_string(&Asked { event: "data", data })?);
            }
            Mode::Terminal | Mode::Plain => println!("{}", serde_json::to_string_pretty(data)?),
        }
        Ok(())
    }

    /// A structured event; only a JSON reader sees it.
    pub fn event(&self, event: &serde_json::Value) {
        if self.mode == Mode::Json {
            println!("{event}");
        }
    }

    /// Progress of a step.
    pub fn progress(&self, title: &str) -> Progress {
        Progress::start(self, title)
    }

    /// A line with a word in front of it; on GitHub, an annotation.
    fn judged(&self, kind: &'static str, code: &str, text: &str) {
        let line = if self.github {
            github::command(kind, text)
        } else {
            self.paint(code, kind, &escape::told(text))
        };
        self.emit(kind, text, &line);
    }

    fn told(&self, text: &str) -> String {
        self.inert(&escape::told(text))
    }

    fn inert(&self, text: &str) -> String {
        if self.github { escape::inert(text) } else { text.to_owned() }
    }

    fn paint(&self, code: &str, word: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{word}\u{1b}[0m: {text}") } else { format!("{word}: {text}") }
    }

    fn emit(&self, kind: &str, text: &str, line: &str) {
        match self.mode {
            Mode::Json => println!("{}", serde_json::json!({ "event": kind, "text": text })),
            Mode::Terminal => self.bars.suspend(|| eprintln!("{line}")),
            Mode::Plain => eprintln!("{line}"),
        }
    }
}
