//! Over how many matrices rows are spread, so that each stays below GitHub's limit.

use super::MATRIX_LIMIT;

/// How many matrices there are of each kind; the workflow has jobs for each, however few rows there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks {
    /// For images on several platforms, of which one is never spread over two.
    pub multi: usize,
    /// For images on a single platform.
    pub single: usize,
    /// For macOS.
    pub darwin: usize,
}

impl Blocks {
    /// The reference's.
    pub const REFERENCE: Self = Self { multi: 1, single: 4, darwin: 1 };

    /// How many matrices so many rows need that can be spread at will; at least one.
    pub fn needed(rows: usize) -> usize {
        rows.div_ceil(MATRIX_LIMIT - 1).max(1)
    }

    /// Names of those for Linux: the reference's, and a number for those that it does not have.
    pub fn linux(self) -> Vec<String> {
        let single = (1..=self.single).map(|number| format!("singlearch-{number}"));
        ["multiarch".to_owned()].into_iter().chain(single).chain(further("multiarch", self.multi)).collect()
    }

    /// Names of those for macOS.
    pub fn macos(self) -> Vec<String> {
        ["darwin".to_owned()].into_iter().chain(further("darwin", self.darwin)).collect()
    }
}

/// The names of all but the first.
pub(super) fn further(name: &str, count: usize) -> impl Iterator<Item = String> {
    (2..=count).map(move |number| format!("{name}-{number}"))
}

/// Contiguous parts of nearly the same size; the first ones take what is left over.
pub(super) fn split<T>(rows: &[T], count: usize) -> Vec<&[T]> {
    let (size, longer) = (rows.len() / count, rows.len() % count);
    let mut rest = rows;
    let cut = |index: usize| {
        let (part, after) = rest.split_at(size + usize::from(index < longer));
        rest = after;
        part
    };
    (0..count).map(cut).collect()
}

/// The matrix of each group of rows that stay together, by the groups' sizes in order.
pub(crate) fn packed(sizes: impl Iterator<Item = usize>) -> Vec<usize> {
    let (mut block, mut taken) = (0, 0);
    sizes
        .map(|size| {
            if taken + size >= MATRIX_LIMIT {
                (block, taken) = (block + 1, 0);
            }
            taken += size;
            block
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(rows: usize, count: usize) -> Vec<usize> {
        let rows: Vec<usize> = (0..rows).collect();
        let parts = split(&rows, count);
        assert_eq!(parts.concat(), rows);
        parts.iter().map(|part| part.len()).collect()
    }

    #[test]
    fn the_first_ones_take_the_remainder() {
        assert_eq!(sizes(0, 4), [0, 0, 0, 0]);
        assert_eq!(sizes(3, 4), [1, 1, 1, 0]);
        assert_eq!(sizes(10, 4), [3, 3, 2, 2]);
    }

    #[test]
    fn the_number_is_derived_from_the_limit() {
        assert_eq!([0, 1, 255, 256, 510, 511].map(Blocks::needed), [1, 1, 1, 2, 2, 3]);
        assert!(sizes(1021, Blocks::needed(1021)).iter().all(|size| *size < MATRIX_LIMIT));
    }

    #[test]
    fn what_stays_together_is_packed_in_order() {
        assert_eq!(packed([2, 250, 3, 2].into_iter()), [0, 0, 0, 1]);
        assert_eq!(packed([255, 1, 255].into_iter()), [0, 1, 2]);
        assert_eq!(packed(std::iter::empty()), [0; 0]);
    }

    #[test]
    fn names_are_the_reference_s_as_far_as_it_has_them() {
        let blocks = Blocks { multi: 2, single: 1, darwin: 3 };
        assert_eq!(blocks.linux(), ["multiarch", "singlearch-1", "multiarch-2"]);
        assert_eq!(blocks.macos(), ["darwin", "darwin-2", "darwin-3"]);
    }
}
