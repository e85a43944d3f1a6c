//! `backend_build.yml`: one backend for one Linux platform.

use super::parts::{LONG, build, builder, checkout, secrets, summary, xtask};
use crate::facts::Facts;
use crate::job::Job;
use crate::step::expression;
use crate::workflow::{Call, Input, Triggers, Workflow};

/// Whether a run publishes is said by its caller. What keeps one that should not from doing so is that it has no secret.
pub const PUBLISH: Input = Input { name: "publish", kind: "boolean", about: "Push what is built" };

/// The bucket of time in the keys that the matrix asked for: a run that goes on over midnight builds what it decided on.
pub const BUCKET: Input =
    Input { name: "bucket", kind: "string", about: "The bucket of time in the keys, as the matrix says" };

/// The variable by which xtask takes it.
pub fn bucket() -> (&'static str, String) {
    ("XTASK_BUCKET", expression("inputs.bucket"))
}

const INPUTS: &[Input] = &[
    Input {
        name: "tag-suffix",
        kind: "string",
        about: "The end of the image's tags, which says what to build",
    },
    Input { name: "platform", kind: "string", about: "The platform, as in linux/amd64" },
    Input { name: "runs-on", kind: "string", about: "The runner of that platform" },
    BUCKET,
    PUBLISH,
];

/// The command that builds.
const BUILD: [&str; 7] =
    ["build-backend", "--tag-suffix", "$TAG_SUFFIX", "--platform", "$PLATFORM", "--realm", "container"];

/// The workflow.
pub fn workflow(facts: &Facts) -> Workflow {
    let mut steps = vec![checkout(), xtask()];
    steps.extend(builder());
    steps.extend(build(facts, &BUILD));
    steps.push(summary());
    let env = vec![
        ("TAG_SUFFIX", expression("inputs.tag-suffix")),
        ("PLATFORM", expression("inputs.platform")),
        bucket(),
    ];
    Workflow {
        file: "backend_build",
        name: "backend: build",
        about: &[
            "Builds one backend for one platform. The image is kept under its key, where the merge finds it.",
        ],
        on: Triggers { call: Some(Call { inputs: INPUTS, secrets: secrets(facts) }), ..Triggers::default() },
        jobs: vec![
            Job::steps(
                "build",
                &format!("build {}", expression("inputs.tag-suffix")),
                &expression("inputs.runs-on"),
                LONG,
                steps,
            )
            .env(env),
        ],
    }
}
