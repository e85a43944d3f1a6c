//! `image.yml`: root images, where their content changed or a release names them.

use super::parts::{
    AMD64, ARM64, SHORT, after_builds, at_home, checkout, login, output, outputs, secrets, xtask, xtask_for,
};
use crate::command::Command;
use crate::facts::Facts;
use crate::job::Job;
use crate::step::{Step, value};
use crate::workflow::{Grant, Push, Triggers, Workflow};
use model::text::yaml::Node;

const CHANGES: &str = "changes";
const XTASK: &str = "xtask-amd64";

/// The workflow.
pub fn workflow(facts: &Facts) -> Workflow {
    let mut jobs = vec![xtask_for(XTASK, AMD64).only(at_home())];
    jobs.extend(builds(Some(facts)));
    let merge = Job::call("image-merge", "image_merge", vec![("image", value("matrix.image"))])
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
            push: Some(Push { branches: &["master"], tags: &["*"] }),
            dispatch: true,
            ..Triggers::default()
        },
        jobs,
    }
}

/// The job that decides and those that build; they publish by the facts of the registries, or not at all.
pub fn builds(publish: Option<&Facts>) -> [Job; 3] {
    let mut decide = vec![checkout(), xtask()];
    // It writes down which images are used again.
    decide.extend(publish.map(login));
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
        ("publish", Node::truth(publish.is_some())),
    ];
    [
        Job::steps(CHANGES, "decide", AMD64, SHORT, decide).needs(&[XTASK]).outputs(outputs("images", names)),
        xtask_for("xtask-arm64", ARM64).needs(&[CHANGES]).only(&wanted),
        Job::call("image-build", "image_build", with)
            .needs(&[XTASK, "xtask-arm64", CHANGES])
            .only(wanted)
            .matrix(format!("fromJSON({})", output(CHANGES, "matrix")))
            .secrets(publish.map(secrets).unwrap_or_default()),
    ]
}
