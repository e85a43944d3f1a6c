//! `xtask_build.yml`: xtask, compiled once for an operating system and an architecture.

use super::parts::{KEEPS, SHORT, SUMS, checkout, outputs};
use crate::action;
use crate::command::Command;
use crate::job::Job;
use crate::step::{Step, expression, value};
use crate::workflow::{Call, Input, Output, Triggers, Workflow};
use model::text::yaml::Node;

const INPUTS: &[Input] = &[
    Input { name: "runs-on", kind: "string", about: "The runner to compile for" },
    Input {
        name: "restore",
        kind: "boolean",
        about: "Begin with what an earlier run compiled; never where something is published",
    },
];

const JOB: &str = "xtask";
const OUTPUTS: &[Output] = &[Output { name: SUMS.name, job: JOB, about: SUMS.about }];

/// What cargo downloads and compiles. The key is the lock file: what is not in it is compiled anew.
const CACHED: [&str; 3] = ["~/.cargo/registry/cache", "~/.cargo/registry/index", "target/xtask"];

/// Name of the artifact, on the runner at hand.
pub fn artifact() -> String {
    format!("xtask-{}-{}", expression("runner.os"), expression("runner.arch"))
}

/// The workflow.
pub fn workflow() -> Workflow {
    let key = format!("{}-{}", artifact(), expression("hashFiles('Cargo.lock')"));
    let cache = || {
        vec![
            ("path", Node::Lines(CACHED.map(str::to_owned).to_vec())),
            ("key", Node::Text(format!("cargo-{key}"))),
        ]
    };
    let upload = vec![
        ("name", Node::Text(artifact())),
        ("path", Node::Text(format!("{}/xtask", expression("runner.temp")))),
        ("if-no-files-found", Node::text("error")),
        // Jobs of a run can be repeated for longer than a day.
        ("retention-days", Node::number(7)),
        ("overwrite", Node::truth(true)),
    ];
    let mut restore = cache();
    restore.push(("lookup-only", value("!inputs.restore")));
    let hand_on =
        ["cargo", "xtask", "ci", "hand-on", "$RUNNER_TEMP/xtask", "--github-output", "$GITHUB_OUTPUT"];
    let steps = vec![
        checkout(),
        Step::uses("Restore what cargo compiled", action::CACHE_RESTORE, restore).id("cargo"),
        Step::run("Compile", Command::new(&hand_on)).id("hand-on"),
        Step::uses("Keep what cargo compiled", action::CACHE_SAVE, cache())
            .only(format!("{KEEPS} && steps.cargo.outputs.cache-hit != 'true'")),
        Step::uses("Hand on", action::UPLOAD, upload),
    ];
    Workflow {
        file: "xtask_build",
        name: "xtask: compile",
        about: &[
            "Compiles xtask and the static programs that go into images, and hands them on as an artifact.",
        ],
        on: Triggers {
            call: Some(Call { inputs: INPUTS, secrets: Vec::new(), outputs: OUTPUTS }),
            ..Triggers::default()
        },
        jobs: vec![
            Job::steps(JOB, "compile", &expression("inputs.runs-on"), SHORT, steps)
                .outputs(outputs("hand-on", [SUMS.name.to_owned()])),
        ],
    }
}
