//! Why outputs are not written at all.

use super::MATRIX_LIMIT;

/// Nothing is written when any of these holds.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// GitHub would create no job.
    #[error(
        "the matrix `{key}` has {rows} rows, and GitHub runs none of {MATRIX_LIMIT} or more; {}",
        advice(*.shards)
    )]
    TooMany {
        /// The output's key.
        key: String,
        /// Its rows.
        rows: usize,
        /// How many matrices the rows were spread over, where they can be spread.
        shards: Option<usize>,
    },
    /// A name would break the `key=value` form.
    #[error("the backend name {name:?} cannot be the key of an output; names hold no line breaks and no `=`")]
    Name {
        /// The name.
        name: String,
    },
    /// A row that cannot be written as JSON.
    #[error("cannot write a row as JSON: {0}")]
    Json(serde_json::Error),
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

/// Whether GitHub runs a matrix of so many rows; nothing that becomes a matrix is written without being asked here.
/// `spread` says over how many matrices its rows are, if they can be.
pub fn fits(key: &str, rows: usize, spread: Option<usize>) -> Result<(), Refusal> {
    if rows < MATRIX_LIMIT {
        return Ok(());
    }
    Err(Refusal::TooMany { key: key.to_owned(), rows, shards: spread })
}

fn advice(shards: Option<usize>) -> String {
    match shards {
        Some(shards) => format!("spread the rows over more than {shards} matrices"),
        None => "make it smaller".to_owned(),
    }
}
