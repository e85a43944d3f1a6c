//! `ci.yml`: the repository's own checks and tests.

use super::parts::{AMD64, BRANCH, checkout};
use crate::command::Command;
use crate::job::Job;
use crate::step::Step;
use crate::workflow::{PullRequest, Push, Triggers, Workflow};

/// Minutes of everything, on a machine with nothing in its caches.
const WHOLE: usize = 180;

/// The workflow.
pub fn workflow() -> Workflow {
    // Tests with a real BuildKit mount file systems. sudo has a PATH of its own, whatever it is told to keep.
    let run =
        Command::new(&["sudo", "--preserve-env=HOME,CI,GITHUB_ACTIONS", "env", "PATH=$PATH", ".ci/run"]);
    let steps = vec![checkout(), Step::run("Check and test everything", run)];
    Workflow {
        file: "ci",
        name: "ci",
        about: &["Checks and tests this repository, as `.ci/run` does anywhere."],
        on: Triggers {
            push: Some(Push { branches: &[BRANCH], ..Push::default() }),
            pull_request: Some(PullRequest::default()),
            ..Triggers::default()
        },
        jobs: vec![Job::steps("ci", "ci", AMD64, WHOLE, steps)],
    }
}
