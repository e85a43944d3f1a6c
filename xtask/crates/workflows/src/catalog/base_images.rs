//! `base-images.yml`: what container builds start from.

use super::parts::{
    AMD64, ARM64, BRANCH, LONG, SHORT, Tier, builder, checkout, output, outputs, reviewed, sums_on,
    xtask_for, xtask_of,
};
use crate::command::Command;
use crate::facts::Facts;
use crate::job::Job;
use crate::step::{Step, expression};
use crate::workflow::{Push, Triggers, Workflow};

const XTASK: &str = "xtask-amd64";
const CHANGES: &str = "changes";
const FORCED: &str = "github.event_name == 'schedule'";

/// The workflow.
pub fn workflow(facts: &Facts) -> Workflow {
    let tier = Tier::Publishing;
    let mut decide = vec![checkout(), xtask_of(&output(XTASK, "sums"))];
    // It asks, and writes nothing.
    decide.extend(Tier::PullRequest.steps(facts));
    decide.push(
        Step::run(
            "Decide what is to be built",
            Command::xtask(&["ci", "images", "bases", "--github-output", "$GITHUB_OUTPUT"]),
        )
        .id("images"),
    );
    let wanted = format!("{} == 'true'", output(CHANGES, "has-builds"));
    let build = ["base-images", "--variant", "$BASE", "--push"];
    let anew: Vec<&str> = build.into_iter().chain(["--force"]).collect();
    let mut steps = vec![checkout(), xtask_of(&sums_on("matrix.runs-on"))];
    steps.extend(builder());
    steps.extend(tier.steps(facts));
    steps.extend([
        Step::run("Build unless it is there", Command::xtask(&build)).only(format!("!({FORCED})")),
        // No key knows the versions of packages: once a week every step runs again.
        Step::run("Build anew", Command::xtask(&anew)).only(FORCED),
    ]);
    let names = ["has-builds", "matrix"].map(str::to_owned);
    let base = Job::steps(
        "base",
        &format!("build {}", expression("matrix.base")),
        &expression("matrix.runs-on"),
        LONG,
        steps,
    )
    .needs(&[XTASK, "xtask-arm64", CHANGES])
    .only(&wanted)
    .matrix(format!("fromJSON({})", output(CHANGES, "matrix")))
    .env(vec![("BASE", expression("matrix.base"))]);
    let jobs = vec![
        xtask_for(XTASK, AMD64, tier).only(reviewed()),
        Job::steps(CHANGES, "decide", AMD64, SHORT, decide).needs(&[XTASK]).outputs(outputs("images", names)),
        xtask_for("xtask-arm64", ARM64, tier).needs(&[CHANGES]).only(wanted),
        tier.job(facts, base),
    ];
    Workflow {
        file: "base-images",
        name: "base images",
        about: &[
            "Builds the images that container builds start from: those that the registry lacks, and all of them on",
            "Saturday, before the weekly builds. No build has to wait: one that finds no base makes the same itself.",
            "Keys decide, not a filter of paths: whatever can change a base is in its key, and in no list beside it.",
        ],
        on: Triggers {
            push: Some(Push { branches: &[BRANCH], tags: &[] }),
            schedule: &["0 5 * * 6"],
            dispatch: true,
            ..Triggers::default()
        },
        jobs,
    }
}
