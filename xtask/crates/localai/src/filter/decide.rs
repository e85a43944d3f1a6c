//! The first question: is there a list of changed files to go by?

use super::changed::Changed;
use super::event::{Event, Scope};

/// What is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<T> {
    /// Everything, and nothing is looked at.
    Everything {
        /// Why.
        why: String,
    },
    /// What these files touch.
    Touched(T),
}

/// So many files of a comparison mean that there may be more: GitHub does not tell the rest.
const TOLD: usize = 300;

/// Decides. `changed` is the list, or why there is none.
pub fn decide(event: &Event, changed: Result<Changed, String>) -> Verdict<Changed> {
    match (&event.scope, changed) {
        (Scope::Everything { why }, _) => Verdict::Everything { why: why.clone() },
        (_, Err(why)) => Verdict::Everything { why },
        (Scope::Push { .. }, Ok(changed)) if changed.len() >= TOLD => Verdict::Everything {
            why: format!("{} files changed or more, and GitHub tells no more", changed.len()),
        },
        (_, Ok(changed)) => Verdict::Touched(changed),
    }
}
