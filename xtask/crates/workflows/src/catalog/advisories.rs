//! `advisories.yml`: known holes in what the lock files name.

use super::parts::{AMD64, SHORT, at_home, checkout};
use crate::command::Command;
use crate::job::Job;
use crate::step::Step;
use crate::workflow::{Triggers, Workflow};

/// The workflow.
pub fn workflow() -> Workflow {
    let run = Command::new(&[".ci/run", "--advisories"]);
    let steps = vec![checkout(), Step::run("Ask for advisories", run)];
    Workflow {
        file: "advisories",
        name: "advisories",
        about: &[
            "Advisories come under a commit that does not change: a schedule asks for them, no push fails by them.",
        ],
        on: Triggers { schedule: &["0 4 * * *"], dispatch: true, ..Triggers::default() },
        jobs: vec![Job::steps("advisories", "advisories", AMD64, SHORT, steps).only(at_home())],
    }
}
