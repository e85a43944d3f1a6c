//! The pipeline: all units, those that are touched, those that the registry does not have.

use plan::matrix::{DarwinRow, Entry, LinuxRow, Matrix};
use plan::unit::UnitId;
use std::collections::BTreeMap;

/// What becomes of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// A job builds it.
    Build,
}

/// What becomes of a unit, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Verdict {
    /// What.
    pub act: Act,
    /// Why; never empty.
    pub why: Vec<String>,
}

/// All rows, and what becomes of each.
#[derive(Debug)]
pub struct Outcome {
    /// Every unit that is published.
    pub matrix: Matrix,
    /// Of the units that are touched.
    pub verdicts: BTreeMap<UnitId, Verdict>,
}

impl Outcome {
    /// Decides for every unit.
    pub fn of(matrix: Matrix) -> Self {
        let linux = matrix.linux.iter().map(|entry| &entry.unit);
        let darwin = matrix.darwin.iter().map(|entry| &entry.unit);
        let verdict = || Verdict { act: Act::Build, why: vec!["everything was asked for".to_owned()] };
        let verdicts = linux.chain(darwin).map(|unit| (unit.clone(), verdict())).collect();
        Self { matrix, verdicts }
    }

    /// Whether a job builds the unit.
    pub fn builds(&self, unit: &UnitId) -> bool {
        self.verdicts.get(unit).is_some_and(|verdict| verdict.act == Act::Build)
    }

    /// Rows for Linux that a job builds.
    pub fn linux(&self) -> impl Iterator<Item = &Entry<LinuxRow>> {
        self.matrix.linux.iter().filter(|entry| self.builds(&entry.unit))
    }

    /// Rows for macOS that a job builds.
    pub fn darwin(&self) -> impl Iterator<Item = &Entry<DarwinRow>> {
        self.matrix.darwin.iter().filter(|entry| self.builds(&entry.unit))
    }
}
