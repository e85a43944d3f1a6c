//! Which entries some changed files touch, and why.

mod files;

use super::diff;
use super::kind::Os;
use super::matrix::Matrix;
use super::place::Place;
use super::reason::Reason;
use super::rules::{Condition, Rules};
use files::{File, files};
use matrixfile::Entry;
use plan::proto::is_additive;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

/// Texts of files before and after the change, for rules about lines.
pub trait Revisions {
    /// Both texts of a file, if they are at hand.
    fn texts(&self, path: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)>;
}

impl Revisions for () {
    fn texts(&self, _: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
        None
    }
}

/// What changed.
#[derive(Clone, Copy)]
pub struct Change<'c> {
    /// The files.
    pub paths: &'c [&'c str],
    /// The matrix before, if it is known. It is looked at where the matrix is among the files.
    pub previous: Option<&'c Matrix<'c>>,
    /// The contract before and after, if both are known.
    pub proto: Option<(&'c str, &'c str)>,
    /// Texts of other files.
    pub revisions: &'c dyn Revisions,
}

/// An entry that is built.
#[derive(Debug, Clone)]
pub struct Chosen<'f, 's> {
    /// The entry.
    pub entry: &'s Entry<'f>,
    /// Why, one reason of a kind; never empty.
    pub reasons: Vec<Reason>,
}

/// What a change touches.
#[derive(Debug, Clone)]
pub struct Selection<'f, 's> {
    /// Linux entries, in the order of the matrix.
    pub linux: Vec<Chosen<'f, 's>>,
    /// Darwin entries, in the order of the matrix.
    pub darwin: Vec<Chosen<'f, 's>>,
    /// Every backend with sources, and whether it changed.
    pub backends: Vec<(String, bool)>,
}

/// A matrix and the rules about it.
#[derive(Debug)]
pub struct Filter<'f, 'm> {
    pub(super) rules: &'m Rules,
    pub(super) matrix: &'m Matrix<'f>,
    /// Where the sources of each entry are.
    linux: Vec<Place>,
    darwin: Vec<Place>,
    /// Backends that may be built, in the order in which they are first seen.
    pub(super) backends: Vec<(String, Place)>,
}

impl<'f, 'm> Filter<'f, 'm> {
    /// Looks up where the sources of every entry are.
    pub fn new(rules: &'m Rules, matrix: &'m Matrix<'f>) -> Self {
        let places = |os: Os| -> Vec<Place> {
            let sources = rules.sources(os);
            let place = |entry: &Entry<'_>| {
                let source = sources.iter().find(|source| Condition::or_always(source.when.as_ref(), entry));
                source.map_or(Place::Nowhere, |source| Place::At(source.dir.fill(entry)))
            };
            matrix.of(os).iter().map(place).collect()
        };
        Self { rules, matrix, linux: places(Os::Linux), darwin: places(Os::Darwin), backends: Vec::new() }
            .named()
    }

    /// With what is known of directories that are not there.
    #[must_use]
    pub fn within(mut self, is_there: impl Fn(&str) -> bool) -> Self {
        for place in self.linux.iter_mut().chain(&mut self.darwin) {
            if let Place::At(dir) = place
                && !is_there(dir)
            {
                *place = Place::Gone(std::mem::take(dir));
            }
        }
        self.named()
    }

    /// The backends whose sources are nowhere, each with what is wrong.
    pub fn unplaced(&self) -> BTreeMap<Cow<'_, str>, &Place> {
        let lost = self.placed().filter(|(_, place)| place.dir().is_none());
        lost.map(|(entry, place)| (entry.backend(), place)).collect()
    }

    fn placed(&self) -> impl Iterator<Item = (&'m Entry<'f>, &Place)> {
        let matrix = self.matrix;
        matrix.linux.iter().zip(&self.linux).chain(matrix.darwin.iter().zip(&self.darwin))
    }

    fn named(mut self) -> Self {
        let mut seen = HashSet::new();
        let built = self.placed().filter(|(_, place)| self.rules.unplaced || place.dir().is_some());
        let first = built.filter(|(entry, _)| seen.insert(entry.backend()));
        self.backends = first.map(|(entry, place)| (entry.backend().into_owned(), place.clone())).collect();
        self
    }

    /// Selects. A file that is added to a change never takes an entry away.
    pub fn select<'s>(&'s self, change: &Change<'_>) -> Selection<'f, 's> {
        let files = files(self.rules, change);
        let linux = self.chosen(Os::Linux, &files, change);
        let darwin = self.chosen(Os::Darwin, &files, change);
        let named: HashSet<Cow<'_, str>> =
            linux.iter().chain(&darwin).map(|chosen| chosen.entry.backend()).collect();
        let changed = |(name, place): &(String, Place)| {
            let own = || place.dir().is_none_or(|dir| Self::own(&files, dir, |_| true).is_some());
            let direct = || own() || self.borrowed(&files, name).is_some();
            (name.clone(), named.contains(name.as_str()) || direct())
        };
        let backends = self.backends.iter().map(changed).collect();
        Selection { linux, darwin, backends }
    }

    fn chosen<'s>(&'s self, os: Os, files: &[File<'_>], change: &Change<'_>) -> Vec<Chosen<'f, 's>> {
        let entries = self.matrix.of(os);
        let places = match os {
            Os::Linux => &self.linux,
            Os::Darwin => &self.darwin,
        };
        let listed = change.paths.contains(&self.rules.matrix.as_str());
        let unread = |entry: &Entry<'_>, field: &str| self.rules.is_unread(entry, field);
        let changed = match change.previous {
            Some(previous) if listed => diff::changed(entries, previous.of(os), &unread),
            _ => HashSet::new(),
        };
        let unknown = listed && change.previous.is_none();
        let additive = change.proto.is_some_and(|(before, after)| is_additive(before, after));
        let matched = self.matched(files, additive);
        let mut reasons: Vec<Vec<Reason>> = Vec::with_capacity(entries.len());
        for (index, (entry, place)) in entries.iter().zip(places).enumerate() {
            let mut why = Vec::new();
            if self.rules.unplaced && place.dir().is_none() {
                why.push(Reason::Unplaced { place: place.clone() });
            }
            if let Some(dir) = place.dir() {
                let reads = |file: &File<'_>| {
                    file.narrowed.is_none_or(|rule| self.rules.narrowed[rule].concerns(os, entry))
                };
                why.extend(Self::own(files, dir, reads).map(|file| Reason::Own { file }));
                if os == Os::Linux {
                    why.extend(self.borrowed(files, &entry.backend()).map(|file| Reason::Borrowed { file }));
                    why.extend(self.dockerfile(files, entry).map(|file| Reason::Dockerfile { file }));
                }
                if unknown {
                    why.push(Reason::MatrixUnknown);
                }
                if changed.contains(&index) {
                    why.push(Reason::MatrixEntry);
                }
                let shared = matched.iter().find(|(rule, _)| self.rules.shared[*rule].concerns(os, entry));
                why.extend(shared.map(|(rule, file)| Reason::Shared {
                    rule: self.rules.shared[*rule].name.clone(),
                    file: (*file).to_owned(),
                }));
            }
            reasons.push(why);
        }
        if self.rules.siblings {
            add_siblings(entries, places, &mut reasons);
        }
        let chosen = entries.iter().zip(reasons).filter(|(_, reasons)| !reasons.is_empty());
        chosen.map(|(entry, reasons)| Chosen { entry, reasons }).collect()
    }

    /// The first file of a directory that counts.
    fn own(files: &[File<'_>], dir: &str, reads: impl Fn(&File<'_>) -> bool) -> Option<String> {
        let start = files.partition_point(|file| file.path < dir);
        let inside = files[start..].iter().take_while(|file| file.path.starts_with(dir));
        let mut counting = inside.filter(|file| !file.ignored && reads(file));
        counting.next().map(|file| file.path.to_owned())
    }

    fn borrowed(&self, files: &[File<'_>], backend: &str) -> Option<String> {
        let rules = self.rules.borrowed.iter().enumerate();
        let mine = rules.filter(|(_, rule)| rule.backends.iter().any(|name| name == backend));
        let mut found =
            mine.filter_map(|(index, _)| files.iter().find(|file| file.borrowed.contains(&index)));
        found.next().map(|file| file.path.to_owned())
    }

    fn dockerfile(&self, files: &[File<'_>], entry: &Entry<'_>) -> Option<String> {
        let path = entry.dockerfile().filter(|_| self.rules.dockerfiles)?;
        files.binary_search_by(|file| file.path.cmp(path)).ok().map(|_| path.to_owned())
    }

    /// Shared rules that some file matches, each with its first file.
    fn matched<'p>(&self, files: &[File<'p>], additive: bool) -> Vec<(usize, &'p str)> {
        let mut matched: Vec<(usize, &str)> = Vec::new();
        for file in files {
            for &rule in &file.shared {
                let spared = additive && self.rules.shared[rule].unless_additive;
                if !spared && !matched.iter().any(|(known, _)| *known == rule) {
                    matched.push((rule, file.path));
                }
            }
        }
        matched
    }
}

/// Whoever is built with a platform of its own pulls in the other platforms of its image.
fn add_siblings(entries: &[Entry<'_>], places: &[Place], reasons: &mut [Vec<Reason>]) {
    let suffixes: HashSet<Cow<'_, str>> = entries
        .iter()
        .zip(&*reasons)
        .filter(|(_, why)| !why.is_empty())
        .map(|(entry, _)| entry.identity().0)
        .filter(|suffix| !suffix.is_empty())
        .collect();
    for ((entry, place), why) in entries.iter().zip(places).zip(reasons) {
        if why.is_empty() && place.dir().is_some() && suffixes.contains(&entry.identity().0) {
            why.push(Reason::Sibling);
        }
    }
}
