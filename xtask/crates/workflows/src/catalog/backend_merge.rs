//! `backend_merge.yml`: the images of single platforms become one, signed and tagged.

use super::backend_build::{BUCKET, bucket};
use super::backend_build_darwin::{IMAGE, artifact};
use super::parts::{AMD64, SHORT, SUMS, checkout, cosign, login, publishing, secrets, xtask};
use crate::action;
use crate::command::Command;
use crate::facts::Facts;
use crate::job::Job;
use crate::step::{Step, expression};
use crate::workflow::{Call, Input, Triggers, Workflow};
use model::text::yaml::Node;

const INPUTS: &[Input] = &[
    Input { name: "tag-suffix", kind: "string", about: "The end of the image's tags" },
    BUCKET,
    SUMS,
    Input { name: "archive", kind: "boolean", about: "The image is an artifact of this run: push it first" },
];

/// The workflow. The consumers' policy names its file: signatures of another one do not count.
pub fn workflow(facts: &Facts) -> Workflow {
    let merge = ["merge", "--tag-suffix", "$TAG_SUFFIX", "--sign"];
    let of_archive: Vec<&str> = merge.into_iter().chain(["--digests", "$RUNNER_TEMP/digests"]).collect();
    let push = ["ci", "push", IMAGE, "--digests", "$RUNNER_TEMP/digests"];
    let download =
        vec![("name", artifact()), ("path", Node::Text(format!("{}/image", expression("runner.temp"))))];
    let steps = vec![
        checkout(),
        xtask(),
        Step::uses("Download", action::DOWNLOAD, download).only("inputs.archive"),
        cosign(),
        login(facts),
        Step::run("Push", Command::xtask(&push)).only("inputs.archive"),
        Step::run("Sign and tag", Command::xtask(&of_archive)).only("inputs.archive"),
        Step::run("Merge, sign and tag", Command::xtask(&merge)).only("!inputs.archive"),
    ];
    let env = vec![("TAG_SUFFIX", expression("inputs.tag-suffix")), bucket()];
    Workflow {
        file: "backend_merge",
        name: "backend: merge",
        about: &[
            "Makes one image of those that the cache repository has under the keys of this commit, signs and tags it.",
            "If one is missing, nothing is written.",
        ],
        on: Triggers {
            call: Some(Call { inputs: INPUTS, secrets: secrets(facts), outputs: &[] }),
            ..Triggers::default()
        },
        jobs: vec![publishing(
            Job::steps("merge", &format!("merge {}", expression("inputs.tag-suffix")), AMD64, SHORT, steps)
                .env(env),
        )],
    }
}
