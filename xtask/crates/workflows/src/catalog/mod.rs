//! The workflows and actions themselves, one file each.

mod actions;
mod advisories;
mod backend;
mod backend_build;
mod backend_build_darwin;
mod backend_merge;
mod backend_pr;
mod base_images;
mod image;
mod image_build;
mod image_merge;
mod image_pr;
mod parts;
mod tests_run;
mod xtask_build;

use self::parts::Tier;
use crate::facts::Facts;
use crate::workflow::{CompositeAction, Workflow};

/// Every workflow.
pub fn workflows(facts: &Facts) -> Vec<Workflow> {
    vec![
        advisories::workflow(),
        backend::workflow(facts),
        backend_pr::workflow(facts),
        backend_build::workflow(facts, Tier::Publishing),
        backend_build::workflow(facts, Tier::PullRequest),
        backend_merge::workflow(facts),
        backend_build_darwin::workflow(),
        base_images::workflow(facts),
        tests_run::workflow(),
        image::workflow(facts),
        image_pr::workflow(facts),
        image_build::workflow(facts, Tier::Publishing),
        image_build::workflow(facts, Tier::PullRequest),
        image_merge::workflow(facts),
        xtask_build::workflow(),
    ]
}

/// Every composite action.
pub fn actions() -> Vec<CompositeAction> {
    vec![actions::free_disk_space(), actions::setup_build_disk(), actions::setup_xtask()]
}
