//! `image_merge.yml`: the root images of single platforms become one.

use super::parts::{AMD64, SHORT, SUMS, checkout, cosign, login, publishing, secrets, xtask};
use crate::command::Command;
use crate::facts::Facts;
use crate::job::Job;
use crate::step::{Step, expression};
use crate::workflow::{Call, Input, Triggers, Workflow};

const INPUTS: &[Input] = &[
    Input { name: "image", kind: "string", about: "The image, as `cargo xtask build-image --list` shows it" },
    SUMS,
];

/// The workflow.
pub fn workflow(facts: &Facts) -> Workflow {
    let merge = Command::xtask(&["merge", "--root", "$IMAGE", "--sign"]);
    let steps = vec![checkout(), xtask(), cosign(), login(facts), Step::run("Merge, sign and tag", merge)];
    Workflow {
        file: "image_merge",
        name: "image: merge",
        about: &[
            "Makes one root image of those that the cache repository has under the keys of this commit.",
            "If one is missing, nothing is written.",
        ],
        on: Triggers {
            call: Some(Call { inputs: INPUTS, secrets: secrets(facts), outputs: &[] }),
            ..Triggers::default()
        },
        jobs: vec![publishing(
            Job::steps("merge", &format!("merge {}", expression("inputs.image")), AMD64, SHORT, steps)
                .env(vec![("IMAGE", expression("inputs.image"))]),
        )],
    }
}
