//! How single-platform rows are spread over matrices.

use super::MATRIX_LIMIT;
use std::num::NonZeroUsize;

/// Over how many matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shards {
    /// So many, as the workflow has jobs for.
    Fixed(NonZeroUsize),
    /// As few as GitHub's limit allows for so many rows, of which there may be fewer now: workflows have a job for each.
    Derived {
        /// All single-platform rows that there can be.
        of: usize,
    },
}

impl Shards {
    /// The reference's number.
    pub const REFERENCE: Self = Self::Fixed(NonZeroUsize::MIN.saturating_add(3));

    /// The number for so many rows; at least one.
    pub fn count(self, rows: usize) -> usize {
        match self {
            Self::Fixed(count) => count.get(),
            Self::Derived { of } => of.max(rows).div_ceil(MATRIX_LIMIT - 1).max(1),
        }
    }

    /// Contiguous parts of nearly the same size; the first ones take what is left over.
    pub(super) fn split<T>(self, rows: &[T]) -> Vec<&[T]> {
        let count = self.count(rows.len());
        let (size, longer) = (rows.len() / count, rows.len() % count);
        let mut rest = rows;
        let cut = |index: usize| {
            let (part, after) = rest.split_at(size + usize::from(index < longer));
            rest = after;
            part
        };
        (0..count).map(cut).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(shards: Shards, rows: usize) -> Vec<usize> {
        let rows: Vec<usize> = (0..rows).collect();
        let parts = shards.split(&rows);
        assert_eq!(parts.concat(), rows);
        parts.iter().map(|part| part.len()).collect()
    }

    #[test]
    fn the_first_ones_take_the_remainder() {
        assert_eq!(sizes(Shards::REFERENCE, 0), [0, 0, 0, 0]);
        assert_eq!(sizes(Shards::REFERENCE, 3), [1, 1, 1, 0]);
        assert_eq!(sizes(Shards::REFERENCE, 10), [3, 3, 2, 2]);
    }

    #[test]
    fn the_number_is_derived_from_the_limit() {
        let derived = Shards::Derived { of: 0 };
        assert_eq!(sizes(derived, 0), [0]);
        assert_eq!(sizes(derived, 255), [255]);
        assert_eq!(sizes(derived, 256), [128, 128]);
        assert!(sizes(derived, 1021).iter().all(|size| *size < MATRIX_LIMIT));
        assert_eq!(sizes(Shards::Derived { of: 600 }, 4), [2, 1, 1]);
    }
}
