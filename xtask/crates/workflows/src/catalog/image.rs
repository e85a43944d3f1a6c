//! `image.yml`: root images, where their content changed or a release names them.

use super::parts::{
    AMD64, ARM64, BRANCH, SHORT, Tier, after_builds, checkout, output, outputs, reviewed, secrets, sums,
    sums_on, xtask_for, xtask_of,
};
use crate::command::Command;
use crate::facts::Facts;
use crate::job::Job;
use crate::step::{Step, value};
use crate::workflow::{Grant, Push, Triggers, Workflow};

const CHANGES: &str = "changes";
const XTASK: &str = "xtask-amd64";

/// The workflow.
pub fn workflow(facts: &Facts) -> Workflow {
    let tier = Tier::Publishing;
    let mut jobs = vec![xtask_for(XTASK, AMD64, tier).only(reviewed())];
    jobs.extend(builds(facts, tier));
    let with = vec![("image", value("matrix.image")), sums(XTASK)];
    let merge = Job::call("image-merge", "image_merge", with)
        .needs(&[XTASK, CHANGES, "image-build"])
        .only(after_builds(&[XTASK, CHANGES], &output(CHANGES, "has-merges")))
        .grant(Grant::Identity)
        .matrix(format!("fromJSON({})", output(CHANGES, "merge-matrix")))
        .secrets(secrets(facts));
    jobs.push(merge);
    Workflow {
        file: "image",
        name: "image",
        about: &[
            "Builds and publishes the root images that the registry lacks under the keys of this commit. A job decides,",
            "not a filter of paths: a tag on a commit that was built before changes no file and is a release all the same.",
        ],
        on: Triggers {
            push: Some(Push { branches: &[BRANCH], tags: &["*"] }),
            dispatch: true,
            ..Triggers::default()
        },
        jobs,
    }
}

/// The job that decides and those that build.
pub fn builds(facts: &Facts, tier: Tier) -> [Job; 3] {
    let mut decide = vec![checkout(), xtask_of(&output(XTASK, "sums"))];
    // Where it may, it writes down which images are used again.
    decide.extend(tier.steps(facts));
    decide.push(
        Step::run(
            "Decide what is to be built",
            Command::xtask(&["ci", "images", "roots", "--github-output", "$GITHUB_OUTPUT"]),
        )
        .id("images"),
    );
    let names = ["has-builds", "matrix", "has-merges", "merge-matrix"].map(str::to_owned);
    let wanted = format!("{} == 'true'", output(CHANGES, "has-builds"));
    let with = vec![
        ("image", value("matrix.image")),
        ("platform", value("matrix.platform")),
        ("runs-on", value("matrix.runs-on")),
        ("sums", value(&sums_on("matrix.runs-on"))),
    ];
    let called = if tier.publishes() { "image_build" } else { "image_build_pr" };
    let build = Job::call("image-build", called, with)
        .needs(&[XTASK, "xtask-arm64", CHANGES])
        .only(&wanted)
        .matrix(format!("fromJSON({})", output(CHANGES, "matrix")));
    let decide =
        Job::steps(CHANGES, "decide", AMD64, SHORT, decide).needs(&[XTASK]).outputs(outputs("images", names));
    [
        tier.job(facts, decide),
        xtask_for("xtask-arm64", ARM64, tier).needs(&[CHANGES]).only(wanted),
        tier.call(facts, build),
    ]
}
