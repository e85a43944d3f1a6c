//! The pipeline: all units, those that are touched, those that the registry does not have.

use ci::affected::{Evidence, Reason, Selection};
use ci::matrix::{Choice, DarwinRow, Entry, LinuxRow, Matrix};
use model::image_names::TagSuffix;
use model::unit::UnitId;
use std::collections::{BTreeMap, BTreeSet};

/// All rows, and what becomes of each.
#[derive(Debug)]
pub struct Outcome {
    /// Every unit that is published.
    pub matrix: Matrix,
    /// What is built and merged.
    pub choice: Choice,
    /// Why a unit is built or left; never empty.
    pub why: BTreeMap<UnitId, Vec<String>>,
}

impl Outcome {
    /// Builds what a change touches.
    pub fn touched(matrix: Matrix, selection: &Selection) -> Self {
        let touched = |unit: &UnitId| selection.units.contains_key(unit);
        let linux = matrix.linux.iter().filter(|entry| touched(&entry.unit));
        let choice = Choice {
            run_all: selection.evidence == Evidence::Everything,
            built: matrix.units().filter(|unit| touched(unit)).cloned().collect(),
            merged: linux.map(|entry| entry.suffix.clone()).collect(),
            touched: selection.units.keys().map(|unit| unit.backend.clone()).collect(),
        };
        Self { matrix, choice, why: Self::reasons(selection) }
    }

    /// Why units are touched, in words.
    pub fn reasons(selection: &Selection) -> BTreeMap<UnitId, Vec<String>> {
        let why = |reasons: &Vec<Reason>| reasons.iter().map(ToString::to_string).collect();
        selection.units.iter().map(|(unit, reasons)| (unit.clone(), why(reasons))).collect()
    }

    /// Builds everything.
    pub fn all(matrix: Matrix) -> Self {
        let built: BTreeSet<UnitId> = matrix.units().cloned().collect();
        let choice = Choice {
            run_all: true,
            merged: matrix.linux.iter().map(|entry| entry.suffix.clone()).collect::<BTreeSet<TagSuffix>>(),
            touched: built.iter().map(|unit| unit.backend.clone()).collect(),
            built,
        };
        let why = choice.built.iter().map(|unit| (unit.clone(), vec!["all units were asked for".to_owned()]));
        Self { why: why.collect(), matrix, choice }
    }

    /// Rows for Linux that a job builds.
    pub fn linux(&self) -> impl Iterator<Item = &Entry<LinuxRow>> {
        self.matrix.linux.iter().filter(|entry| self.choice.built.contains(&entry.unit))
    }

    /// Rows for macOS that a job builds.
    pub fn darwin(&self) -> impl Iterator<Item = &Entry<DarwinRow>> {
        self.matrix.darwin.iter().filter(|entry| self.choice.built.contains(&entry.unit))
    }
}
