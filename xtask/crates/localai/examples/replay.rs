//! Replays pushes to a repository with a LocalAI matrix: what its rules build, and what is built where inputs count.
//!
//! One JSON event a line on standard input, one JSON answer a line on standard output; tests/bench/replay.py asks.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a developer's tool, fed by a script")]

use ci::matrix::yaml;
use localai::filter::rules::{CORRECTED, LOCALAI, shipped};
use localai::filter::{Change, Chosen, Entry, Filter, Matrix, Reason, Revisions, Rules, Selection};
use localai::import;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;

/// What happened.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Event {
    /// The matrix as it is when the replay begins, all of it built.
    Start { matrix: String },
    /// A commit was pushed.
    Push {
        /// Changed files, with the names of their contents.
        files: BTreeMap<String, [String; 2]>,
        /// Texts of changed files.
        texts: BTreeMap<String, [String; 2]>,
    },
    /// The weekly run, for what floats.
    Cron,
}

/// What is built, as positions in the matrix: Linux, then Darwin.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Answer<'a> {
    Start {
        rows: Vec<&'a Entry<'a>>,
        linux: usize,
    },
    Push {
        /// The matrix, if it is another one now.
        rows: Option<Vec<&'a Entry<'a>>>,
        linux: usize,
        theirs: Vec<usize>,
        /// Touched by the corrected rules, and why.
        ours: BTreeMap<usize, BTreeSet<String>>,
        /// Those whose inputs were never built before.
        built: Vec<usize>,
    },
    Cron {
        built: usize,
    },
}

struct Texts<'e>(&'e BTreeMap<String, [String; 2]>);

impl Revisions for Texts<'_> {
    fn texts(&self, path: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
        let [before, after] = self.0.get(path)?;
        Some((before.into(), after.into()))
    }
}

/// What one entry was built from.
#[derive(Default)]
struct Past {
    /// What differs from the beginning: file or field to content.
    inputs: BTreeMap<String, String>,
    beginning: BTreeMap<String, String>,
    built: BTreeSet<BTreeMap<String, String>>,
}

impl Past {
    fn change(&mut self, input: &str, before: &str, after: &str) {
        let first = self.beginning.entry(input.to_owned()).or_insert_with(|| before.to_owned());
        if first == after {
            self.inputs.remove(input);
        } else {
            self.inputs.insert(input.to_owned(), after.to_owned());
        }
    }

    /// Whether these inputs are new.
    fn build(&mut self) -> bool {
        self.built.insert(self.inputs.clone())
    }
}

/// List, tag suffix and platform tag.
type Name = (bool, String, String);

struct Replay<'e> {
    theirs: Rules,
    ours: Rules,
    matrix: Matrix<'e>,
    past: HashMap<Name, Past>,
}

fn rows<'m, 'e>(matrix: &'m Matrix<'e>) -> Vec<&'m Entry<'e>> {
    matrix.linux.iter().chain(&matrix.darwin).collect()
}

fn name(matrix: &Matrix<'_>, position: usize) -> Name {
    let (suffix, platform) = rows(matrix)[position].identity();
    (position >= matrix.linux.len(), suffix.into_owned(), platform.into_owned())
}

/// Its fields, as far as they tell one revision of an entry from another.
fn text(matrix: &Matrix<'_>, name: &Name) -> String {
    let position = (0..rows(matrix).len()).rfind(|position| self::name(matrix, *position) == *name);
    position.map_or_else(String::new, |position| serde_json::to_string(rows(matrix)[position]).unwrap())
}

/// Positions and reasons; entries keep their place in memory, so that they can be told apart by it.
fn positions<'s>(matrix: &Matrix<'_>, selection: &'s Selection<'_, '_>) -> Vec<(usize, &'s [Reason])> {
    let all = rows(matrix);
    let places: HashMap<*const Entry<'_>, usize> =
        all.iter().enumerate().map(|(position, entry)| (std::ptr::from_ref(*entry), position)).collect();
    let place =
        |chosen: &'s Chosen<'_, '_>| (places[&std::ptr::from_ref(chosen.entry).cast()], &*chosen.reasons);
    selection.linux.iter().chain(&selection.darwin).map(place).collect()
}

impl<'e> Replay<'e> {
    fn push(
        &mut self,
        files: &BTreeMap<String, [String; 2]>,
        texts: &'e BTreeMap<String, [String; 2]>,
    ) -> String {
        let path = self.theirs.matrix.clone();
        let next = texts.get(&path).map(|[_, text]| Matrix::read(path.as_str().into(), text).unwrap());
        let changed = next.is_some();
        let previous = self.matrix.clone();
        if let Some(next) = next {
            self.matrix = next;
        }
        let proto = self.theirs.proto.as_ref().and_then(|path| texts.get(path));
        let revisions = Texts(texts);
        let change = |paths| Change {
            paths,
            previous: Some(&previous),
            proto: proto.map(|[before, after]| (before.as_str(), after.as_str())),
            revisions: &revisions,
        };
        let matrix = &self.matrix;
        let paths: Vec<&str> = files.keys().map(String::as_str).collect();
        let theirs = Filter::new(&self.theirs, matrix);
        let theirs = positions(matrix, &theirs.select(&change(&paths))).iter().map(|(at, _)| *at).collect();
        // Each file by itself: a selection names one file of a kind, and inputs are all of them.
        let filter = Filter::new(&self.ours, matrix);
        let mut ours: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for one in &paths {
            let selection = filter.select(&change(std::slice::from_ref(one)));
            for (at, reasons) in positions(matrix, &selection) {
                let mut own = reasons.iter().filter(|reason| **reason != Reason::Sibling).peekable();
                if own.peek().is_none() {
                    continue;
                }
                ours.entry(at).or_default().extend(own.map(ToString::to_string));
                let name = name(matrix, at);
                let past = self.past.entry(name.clone()).or_default();
                if *one == path {
                    past.change(one, &text(&previous, &name), &text(matrix, &name));
                } else {
                    let [before, after] = &files[*one];
                    past.change(one, before, after);
                }
            }
        }
        let is_new = |at: &usize| self.past.get_mut(&name(matrix, *at)).expect("it was touched").build();
        let built = ours.keys().copied().filter(is_new).collect();
        let rows = changed.then(|| rows(matrix));
        let answer = Answer::Push { rows, linux: matrix.linux.len(), theirs, ours, built };
        serde_json::to_string(&answer).unwrap()
    }

    /// Python backends resolve their requirements anew, and what they were built from before is of another week.
    fn cron(&mut self) -> String {
        let mut built = 0;
        for (position, entry) in rows(&self.matrix).into_iter().enumerate() {
            let python = if position < self.matrix.linux.len() {
                entry.text("dockerfile").ends_with("python")
            } else {
                entry.truthy("lang").is_none()
            };
            if python {
                let past = self.past.entry(name(&self.matrix, position)).or_default();
                past.built = [past.inputs.clone()].into();
                built += 1;
            }
        }
        serde_json::to_string(&Answer::Cron { built }).unwrap()
    }
}

/// A matrix as a table of variants and a list per backend gives it back.
fn imported(text: &str) -> String {
    let rows = import::rows("matrix".into(), text).expect("a matrix");
    let texts = import::write(&import::fold(&rows).expect("a matrix that can be imported"));
    let texts = texts.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    let model = import::read("".into(), &texts).expect("what was written can be read");
    let back: Vec<import::Row> = import::unfold(&model).into_iter().map(|unfolded| unfolded.row).collect();
    let of = |list| back.iter().filter(move |row| row.list == list);
    yaml(of(import::List::Linux), of(import::List::Darwin))
}

fn main() {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).expect("events come on standard input");
    let mut events: Vec<Event> =
        input.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
    let rules = |name| {
        let (path, text) = shipped(name).expect("rules that come with the program");
        Rules::read(path.into(), text).expect("shipped rules are sound")
    };
    let (theirs, ours) = (rules(LOCALAI), rules(CORRECTED));
    for event in &mut events {
        match event {
            Event::Start { matrix } => *matrix = imported(matrix),
            Event::Push { texts, .. } => {
                texts
                    .entry(ours.matrix.clone())
                    .and_modify(|pair| *pair = pair.each_ref().map(|text| imported(text)));
            }
            Event::Cron => {}
        }
    }
    let mut replay = Replay { theirs, ours, matrix: Matrix::default(), past: HashMap::new() };
    for event in &events {
        let answer = match event {
            Event::Start { matrix } => {
                replay.matrix = Matrix::read(replay.ours.matrix.as_str().into(), matrix).expect("a matrix");
                for position in 0..rows(&replay.matrix).len() {
                    replay.past.entry(name(&replay.matrix, position)).or_default().build();
                }
                let (rows, linux) = (rows(&replay.matrix), replay.matrix.linux.len());
                serde_json::to_string(&Answer::Start { rows, linux }).unwrap()
            }
            Event::Push { files, texts } => replay.push(files, texts),
            Event::Cron => replay.cron(),
        };
        println!("{answer}");
    }
}
