//! `image-pr.yml`: the root images whose content a pull request changes, built and not published.

use super::image::builds;
use super::parts::{AMD64, Tier, xtask_for};
use crate::facts::Facts;
use crate::workflow::{PullRequest, Triggers, Workflow};

/// What no root image holds; a pull request of nothing else starts no run.
const NOT_IN_IMAGES: &[&str] =
    &["docs/**", "**/*.md", "backend/cpp/**", "backend/go/**", "backend/python/**", "backend/rust/**"];

/// The workflow.
pub fn workflow(facts: &Facts) -> Workflow {
    let tier = Tier::PullRequest;
    let mut jobs = vec![xtask_for("xtask-amd64", AMD64, tier)];
    jobs.extend(builds(facts, tier));
    Workflow {
        file: "image-pr",
        name: "image (PR)",
        about: &[
            "Builds the root images that a pull request changes. It gets no secret, and writes nothing.",
        ],
        on: Triggers {
            pull_request: Some(PullRequest { paths_ignore: NOT_IN_IMAGES }),
            ..Triggers::default()
        },
        jobs,
    }
}
