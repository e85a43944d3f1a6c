//! What was decided about a matrix, and the lines of `GITHUB_OUTPUT` that say so.

use super::make::{Entry, Matrix};
use super::row::{DarwinRow, LinuxRow};
use crate::name::BackendName;
use crate::names::TagSuffix;
use crate::outputs::{Emitted, Outputs, Refusal, Row, Shards};
use crate::unit::UnitId;
use std::collections::BTreeSet;

/// What becomes of the rows of a matrix.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    /// Everything was to be looked at, because nothing is known of the change or because somebody said so.
    pub run_all: bool,
    /// Units that a job builds.
    pub built: BTreeSet<UnitId>,
    /// Images that a job merges, be it of what is built now or of what is there.
    pub merged: BTreeSet<TagSuffix>,
    /// Backends that the change touches, whether or not anything of them is left to build.
    pub touched: BTreeSet<BackendName>,
}

/// A row, and what becomes of it.
struct Job<'a> {
    row: &'a LinuxRow,
    built: bool,
    merged: bool,
}

impl Row for Job<'_> {
    type Value = str;
    fn tag_suffix(&self) -> Option<&str> {
        Some(self.row.tag_suffix.as_str())
    }
    fn tag_latest(&self) -> Option<&str> {
        Some(self.row.tag_latest)
    }
    fn has_platform_tag(&self) -> bool {
        self.row.platform_tag.arch().is_some()
    }
    fn is_built(&self) -> bool {
        self.built
    }
    fn is_merged(&self) -> bool {
        self.merged
    }
}

impl serde::Serialize for Job<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.row.serialize(serializer)
    }
}

impl Matrix {
    /// The lines of `GITHUB_OUTPUT`. There are as many shards as all rows need, however few are built: the workflow has
    /// a job for each.
    pub fn emit(&self, choice: &Choice) -> Result<Emitted, Refusal> {
        let job = |entry: &'_ Entry<LinuxRow>| {
            (choice.built.contains(&entry.unit), choice.merged.contains(&entry.suffix))
        };
        let jobs: Vec<Job<'_>> = self
            .linux
            .iter()
            .map(|entry| (entry, job(entry)))
            .filter(|(_, (built, merged))| *built || *merged)
            .map(|(entry, (built, merged))| Job { row: &entry.row, built, merged })
            .collect();
        let darwin: Vec<&DarwinRow> = self
            .darwin
            .iter()
            .filter(|entry| choice.built.contains(&entry.unit))
            .map(|entry| &entry.row)
            .collect();
        let outputs = Outputs {
            run_all: choice.run_all,
            has_darwin: !darwin.is_empty(),
            linux: jobs.iter().collect(),
            darwin,
            backends: self.backends(choice),
            shards: self.shards(),
        };
        outputs.emit()
    }

    /// Over how many matrices all rows of images on a single platform are spread.
    pub fn shards(&self) -> Shards {
        Shards::Derived { of: self.linux.iter().filter(|entry| entry.platform_tag.arch().is_none()).count() }
    }

    /// Every backend in the order of its first row, and whether the change touches it.
    fn backends(&self, choice: &Choice) -> Vec<(String, bool)> {
        let mut seen = BTreeSet::new();
        self.units()
            .map(|unit| &unit.backend)
            .filter(|backend| seen.insert((*backend).clone()))
            .map(|backend| (backend.to_string(), choice.touched.contains(backend)))
            .collect()
    }
}
