//! What people and programs see: bars on a terminal, plain lines elsewhere, JSON events on request.

mod duration;
mod progress;

pub use duration::{age, human};
pub use progress::Progress;

use crate::cli::{Color, Global, MessageFormat};
use camino::Utf8Path;
use indicatif::MultiProgress;
use serde::Serialize;
use std::fmt::Arguments;
use std::io::IsTerminal;

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
    /// From the options of the command line and the terminal at hand.
    pub fn new(global: &Global) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let mode = match global.message_format {
            MessageFormat::Json => Mode::Json,
            MessageFormat::Human if terminal && !set("CI") && !global.quiet && !global.verbose => {
                Mode::Terminal
            }
            MessageFormat::Human => Mode::Plain,
        };
        let color = match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !set("NO_COLOR"),
        };
        Self {
            mode,
            quiet: global.quiet,
            verbose: global.verbose,
            color,
            github: set("GITHUB_ACTIONS"),
            bars: MultiProgress::new(),
        }
    }

    /// Whether colours are wanted.
    pub fn color(&self) -> bool {
        self.color
    }

    /// Something that is good to know.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.emit("note", text, text);
        }
    }

    /// Something that only `--verbose` shows.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            self.emit("detail", text, text);
        }
    }

    /// Something that a person should look at, though the work goes on.
    pub fn warn(&self, text: &str) {
        let line =
            if self.github { format!("::warning::{text}") } else { self.paint("33;1", "warning", text) };
        self.emit("warning", text, &line);
    }

    /// Something about a place in a file, which GitHub shows beside it; nothing anywhere else.
    pub fn annotate(&self, file: &Utf8Path, (line, column): (usize, usize), title: &str, text: &str) {
        if self.github && self.mode != Mode::Json {
            let text = text.replace('%', "%25").replace('\n', "%0A");
            println!("::error file={file},line={line},col={column},title={title}::{text}");
        }
    }

    /// What stopped the command.
    pub fn error(&self, text: &str) {
        let line = if self.github {
            // GitHub's annotations are one line; %0A is its newline.
            format!("::error::{}", text.replace('%', "%25").replace('\n', "%0A"))
        } else {
            self.paint("31;1", "error", text)
        };
        self.emit("error", text, &line);
    }

    /// The last line: what was made, where, how long it took, what the caches did.
    pub fn done(&self, text: &str) {
        self.emit("done", text, &self.paint("32;1", "done", text));
    }

    /// Whether a program reads along.
    pub fn json(&self) -> bool {
        self.mode == Mode::Json
    }

    /// One line of what was asked for.
    pub fn line(&self, text: Arguments<'_>) {
        match self.mode {
            Mode::Json => println!("{}", serde_json::json!({ "event": "line", "text": text.to_string() })),
            Mode::Terminal | Mode::Plain => println!("{text}"),
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
