//! `backend_pr.yml`: what a pull request touches, built and not published.

use super::backend::jobs_of_pull_requests;
use crate::facts::Facts;
use crate::workflow::{PullRequest, Triggers, Workflow};

/// The workflow.
pub fn workflow(facts: &Facts) -> Workflow {
    Workflow {
        file: "backend_pr",
        name: "backend (PR)",
        about: &[
            "Builds what a pull request touches. It reads the shared caches, gets no secret, and writes nothing.",
        ],
        on: Triggers { pull_request: Some(PullRequest::default()), ..Triggers::default() },
        jobs: jobs_of_pull_requests(facts),
    }
}
