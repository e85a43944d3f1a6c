//! `backend.yml`: what a push, a tag or a week makes necessary, built, merged, signed and published.

use super::parts::{
    AMD64, ARM64, BRANCH, MACOS, SHORT, Tier, after_builds, checkout_history, output, outputs, reviewed,
    secrets, summary, sums, sums_on, xtask_for, xtask_of,
};
use crate::command::Command;
use crate::facts::Facts;
use crate::job::Job;
use crate::step::{Step, expression, value};
use crate::workflow::{Grant, Push, Triggers, Workflow};
use model::text::yaml::Node;

/// The job whose outputs are the matrix.
const MATRIX: &str = "generate-matrix";
/// Its output that says in which bucket of time the keys are.
const BUCKET: &str = "bucket";
/// The job that compiles xtask for the runners that do not build.
const XTASK: &str = "xtask-amd64";

/// The workflow.
pub fn workflow(facts: &Facts) -> Workflow {
    let tier = Tier::Publishing;
    let mut jobs = vec![xtask_for(XTASK, AMD64, tier).only(reviewed()), matrix(facts, tier).only(reviewed())];
    jobs.extend(others(facts, tier));
    // Merges of images on several platforms should not wait for the long builds of the others: a block each.
    for block in &facts.linux {
        jobs.push(build(facts, block, tier));
        jobs.push(merge(facts, block));
    }
    for block in &facts.macos {
        jobs.push(darwin(block, tier));
        jobs.push(publish_darwin(facts, block));
    }
    Workflow {
        file: "backend",
        name: "backend",
        about: &[
            "Builds and publishes what a push changed, what a tag names, and whatever has no image, be it of an earlier run.",
            "Monday's run fills the caches of the week that begins; Sunday's repeats what failed in the one that ends.",
        ],
        on: Triggers {
            push: Some(Push { branches: &[BRANCH], tags: &["*"] }),
            schedule: &["0 6 * * 0", "0 6 * * 1"],
            dispatch: true,
            ..Triggers::default()
        },
        jobs,
    }
}

/// The jobs of the workflow for pull requests: the same builds, nothing published, no secret.
pub fn jobs_of_pull_requests(facts: &Facts) -> Vec<Job> {
    let tier = Tier::PullRequest;
    let mut jobs = vec![xtask_for(XTASK, AMD64, tier), matrix(facts, tier)];
    jobs.extend(others(facts, tier));
    jobs.extend(facts.linux.iter().map(|block| build(facts, block, tier)));
    jobs.extend(facts.macos.iter().map(|block| darwin(block, tier)));
    jobs
}

/// Decides what is to be built. Where it may, it also writes down which images are as good as new ones, and which are used
/// again.
fn matrix(facts: &Facts, tier: Tier) -> Job {
    let mut steps = vec![checkout_history(), xtask_of(&output(XTASK, "sums"))];
    steps.extend(tier.steps(facts));
    steps.extend([
        Step::run("Say when it is", Command::xtask(&["ci", "bucket", "--github-output", "$GITHUB_OUTPUT"]))
            .id("now"),
        Step::run(
            "Decide what is to be built",
            Command::xtask(&[
                "matrix",
                "--event-path",
                "$GITHUB_EVENT_PATH",
                "--github-output",
                "$GITHUB_OUTPUT",
            ]),
        )
        .id("matrix")
        .env("XTASK_BUCKET", expression("steps.now.outputs.bucket")),
        summary(),
    ]);
    let linux = facts.linux.iter().flat_map(|block| {
        ["has-backends", "matrix", "has-merges", "merge-matrix"].map(|what| format!("{what}-{block}"))
    });
    // A package for macOS is an image by itself: what is built is what is published.
    let macos =
        facts.macos.iter().flat_map(|block| ["has-backends", "matrix"].map(|what| format!("{what}-{block}")));
    let names = linux.chain(macos);
    let outputs = outputs("matrix", names).into_iter().chain(outputs("now", [BUCKET.to_owned()])).collect();
    tier.job(facts, Job::steps(MATRIX, "decide", AMD64, SHORT, steps).needs(&[XTASK]).outputs(outputs))
}

/// xtask for the runners that are needed only where there is something to build on them.
fn others(facts: &Facts, tier: Tier) -> [Job; 2] {
    let has = |block: &String| format!("{} == 'true'", output(MATRIX, &format!("has-backends-{block}")));
    let any = |blocks: &[String]| blocks.iter().map(has).collect::<Vec<_>>().join(" || ");
    [
        xtask_for("xtask-arm64", ARM64, tier).needs(&[MATRIX]).only(any(&facts.linux)),
        xtask_for("xtask-darwin", MACOS, tier).needs(&[MATRIX]).only(any(&facts.macos)),
    ]
}

/// What all jobs that make or look up keys are given.
fn bucket() -> (&'static str, Node) {
    ("bucket", value(&output(MATRIX, BUCKET)))
}

fn build(facts: &Facts, block: &str, tier: Tier) -> Job {
    let with = vec![
        ("tag-suffix", value("matrix.tag-suffix")),
        ("platform", value("matrix.platforms")),
        ("runs-on", value("matrix.runs-on")),
        bucket(),
        ("sums", value(&sums_on("matrix.runs-on"))),
    ];
    let called = if tier.publishes() { "backend_build" } else { "backend_build_pr" };
    let build = Job::call(&format!("backend-jobs-{block}"), called, with)
        .needs(&[XTASK, "xtask-arm64", MATRIX])
        .only(format!("{} == 'true'", output(MATRIX, &format!("has-backends-{block}"))))
        .matrix(format!("fromJSON({})", output(MATRIX, &format!("matrix-{block}"))));
    tier.call(facts, build)
}

fn merge(facts: &Facts, block: &str) -> Job {
    let with = vec![
        ("tag-suffix", value("matrix.tag-suffix")),
        bucket(),
        sums(XTASK),
        ("archive", Node::truth(false)),
    ];
    let wanted = output(MATRIX, &format!("has-merges-{block}"));
    Job::call(&format!("backend-merge-jobs-{block}"), "backend_merge", with)
        .needs(&[XTASK, MATRIX, &format!("backend-jobs-{block}")])
        .only(after_builds(&[XTASK, MATRIX], &wanted))
        .grant(Grant::Identity)
        .matrix(format!("fromJSON({})", output(MATRIX, &format!("merge-matrix-{block}"))))
        .secrets(secrets(facts))
}

fn darwin(block: &str, tier: Tier) -> Job {
    let with = vec![
        ("backend", value("matrix.backend")),
        ("tag-suffix", value("matrix.tag-suffix")),
        bucket(),
        sums("xtask-darwin"),
        ("publish", Node::truth(tier.publishes())),
    ];
    Job::call(&format!("backend-jobs-{block}"), "backend_build_darwin", with)
        .needs(&[XTASK, "xtask-darwin", MATRIX])
        .only(format!("{} == 'true'", output(MATRIX, &format!("has-backends-{block}"))))
        .matrix(format!("fromJSON({})", output(MATRIX, &format!("matrix-{block}"))))
}

/// Publishes what Macs built, on a machine that has not run any of it.
fn publish_darwin(facts: &Facts, block: &str) -> Job {
    let with = vec![
        ("tag-suffix", value("matrix.tag-suffix")),
        bucket(),
        sums(XTASK),
        ("archive", Node::truth(true)),
    ];
    Job::call(&format!("backend-merge-jobs-{block}"), "backend_merge", with)
        .needs(&[XTASK, MATRIX, &format!("backend-jobs-{block}")])
        .only(after_builds(&[XTASK, MATRIX], &output(MATRIX, &format!("has-backends-{block}"))))
        .grant(Grant::Identity)
        .matrix(format!("fromJSON({})", output(MATRIX, &format!("matrix-{block}"))))
        .secrets(secrets(facts))
}
