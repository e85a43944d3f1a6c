//! `image_build.yml`: one root image for one platform.

use super::backend_build::PUBLISH;
use super::parts::{LONG, build, builder, checkout, secrets, xtask};
use crate::facts::Facts;
use crate::job::Job;
use crate::step::expression;
use crate::workflow::{Call, Input, Triggers, Workflow};

const INPUTS: &[Input] = &[
    Input { name: "image", kind: "string", about: "The image, as `cargo xtask build-image --list` shows it" },
    Input { name: "platform", kind: "string", about: "The platform, as in linux/amd64" },
    Input { name: "runs-on", kind: "string", about: "The runner of that platform" },
    PUBLISH,
];

const BUILD: [&str; 4] = ["build-image", "$IMAGE", "--platform", "$PLATFORM"];

/// The workflow.
pub fn workflow(facts: &Facts) -> Workflow {
    let mut steps = vec![checkout(), xtask()];
    steps.extend(builder());
    steps.extend(build(facts, &BUILD));
    let env = vec![("IMAGE", expression("inputs.image")), ("PLATFORM", expression("inputs.platform"))];
    Workflow {
        file: "image_build",
        name: "image: build",
        about: &[
            "Builds one root image for one platform. It is kept under its key, where the merge finds it.",
        ],
        on: Triggers { call: Some(Call { inputs: INPUTS, secrets: secrets(facts) }), ..Triggers::default() },
        jobs: vec![
            Job::steps(
                "build",
                &format!("build {}", expression("inputs.image")),
                &expression("inputs.runs-on"),
                LONG,
                steps,
            )
            .env(env),
        ],
    }
}
