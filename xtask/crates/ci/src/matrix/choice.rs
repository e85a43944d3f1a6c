//! What was decided about a matrix, and the lines of `GITHUB_OUTPUT` that say so.

use super::make::{Entry, Matrix};
use super::row::{DarwinRow, LinuxRow};
use crate::outputs::{Blocks, Emitted, Outputs, Refusal, Row, packed};
use model::image_names::TagSuffix;
use model::name::BackendName;
use model::unit::UnitId;
use std::collections::{BTreeMap, BTreeSet};

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
    block: usize,
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
    fn block(&self) -> usize {
        self.block
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
    /// The lines of `GITHUB_OUTPUT`. There are as many blocks as all rows need, however few are built: the workflow has
    /// jobs for each.
    pub fn emit(&self, choice: &Choice) -> Result<Emitted, Refusal> {
        let multi = self.multi();
        let job = |entry: &'_ Entry<LinuxRow>| {
            let (built, merged) = (choice.built.contains(&entry.unit), choice.merged.contains(&entry.suffix));
            let block = multi.get(&entry.suffix).copied().unwrap_or_default();
            (built || merged).then_some((block, built, merged))
        };
        let jobs: Vec<Job<'_>> = self
            .linux
            .iter()
            .filter_map(|entry| Some((entry, job(entry)?)))
            .map(|(entry, (block, built, merged))| Job { row: &entry.row, block, built, merged })
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
            blocks: self.blocks(),
        };
        outputs.emit()
    }

    /// Over how many matrices all rows are spread.
    pub fn blocks(&self) -> Blocks {
        let single = self.linux.iter().filter(|entry| entry.platform_tag.arch().is_none()).count();
        Blocks {
            multi: self.multi().values().max().map_or(1, |last| last + 1),
            single: Blocks::needed(single),
            darwin: Blocks::needed(self.darwin.len()),
        }
    }

    /// The block of every image on several platforms: its merge waits for the builds of that block alone.
    fn multi(&self) -> BTreeMap<&TagSuffix, usize> {
        let mut sizes = BTreeMap::<&TagSuffix, usize>::new();
        for entry in self.linux.iter().filter(|entry| entry.platform_tag.arch().is_some()) {
            *sizes.entry(&entry.suffix).or_default() += 1;
        }
        let blocks = packed(sizes.values().copied());
        sizes.into_keys().zip(blocks).collect()
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
