//! The order of rows: of no account to a build, and kept so that what comes back is equal to what was read.

use super::document::List;
use model::name::{BackendName, VariantName};
use std::collections::BTreeMap;

/// The order of rows and of their fields. What it does not name comes after the rest; what it names and is gone is passed
/// over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    /// Orders of fields.
    pub keys: BTreeMap<List, Vec<Vec<String>>>,
    /// Rows in their order.
    pub runs: BTreeMap<List, Vec<Run>>,
}

/// What a row runs on, in short: `amd64`, `arm64`, `amd64+arm64` for a row that is built for both, `darwin`.
pub type Platform = String;

/// A place in the table.
pub type Place = (VariantName, Platform);

/// Rows that follow each other, and have their fields in one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Which of the orders of fields.
    pub keys: usize,
    /// Which rows.
    pub rows: Rows,
}

/// Rows that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// Of one backend.
    Backend(BackendName, Vec<Place>),
    /// Of one variant on one platform.
    Place(Place, Vec<BackendName>),
}

impl Rows {
    /// Backend and place of each.
    pub fn each(&self) -> Vec<(&BackendName, &Place)> {
        match self {
            Self::Backend(backend, places) => places.iter().map(|place| (backend, place)).collect(),
            Self::Place(place, backends) => backends.iter().map(|backend| (backend, place)).collect(),
        }
    }
}

/// The longest runs, one after the other.
pub(super) fn runs(rows: &[(BackendName, Place, usize)]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut rest = rows;
    while let Some((backend, place, keys)) = rest.first() {
        let count = |same: &dyn Fn(&(BackendName, Place, usize)) -> bool| {
            rest.iter().take_while(|row| row.2 == *keys && same(row)).count()
        };
        let (of_backend, of_place) = (count(&|row| row.0 == *backend), count(&|row| row.1 == *place));
        let (taken, after) = rest.split_at(of_backend.max(of_place));
        let rows = if of_backend >= of_place {
            Rows::Backend(backend.clone(), taken.iter().map(|row| row.1.clone()).collect())
        } else {
            Rows::Place(place.clone(), taken.iter().map(|row| row.0.clone()).collect())
        };
        runs.push(Run { keys: *keys, rows });
        rest = after;
    }
    runs
}
