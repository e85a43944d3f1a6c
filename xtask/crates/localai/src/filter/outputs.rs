//! From a decision to the lines of `GITHUB_OUTPUT`.

use super::decide::Verdict;
use super::select::{Chosen, Filter, Selection};
use ci::outputs::{Blocks, Outputs};
use matrixfile::Entry;

impl<'f> Filter<'f, '_> {
    /// The outputs of a verdict.
    pub fn outputs<'s>(
        &'s self,
        verdict: &'s Verdict<Selection<'f, 's>>,
    ) -> Outputs<'s, Entry<'f>, Entry<'f>> {
        match verdict {
            Verdict::Everything { .. } => Outputs {
                run_all: true,
                linux: self.matrix.linux.iter().collect(),
                darwin: self.matrix.darwin.iter().collect(),
                has_darwin: true,
                backends: self.backends.iter().map(|(name, _)| (name.clone(), true)).collect(),
                blocks: Blocks::REFERENCE,
            },
            Verdict::Touched(selection) => {
                let entries =
                    |chosen: &[Chosen<'f, 's>]| chosen.iter().map(|chosen| chosen.entry).collect::<Vec<_>>();
                let darwin = entries(&selection.darwin);
                Outputs {
                    run_all: false,
                    linux: entries(&selection.linux),
                    has_darwin: !darwin.is_empty(),
                    darwin,
                    backends: selection.backends.clone(),
                    blocks: Blocks::REFERENCE,
                }
            }
        }
    }
}
