//! `backend_merge.yml`: the images of single platforms become one, signed and tagged.

use super::parts::{AMD64, SHORT, checkout, cosign, login, secrets, xtask};
use crate::command::Command;
use crate::facts::Facts;
use crate::job::Job;
use crate::step::{Step, expression};
use crate::workflow::{Call, Grant, Input, Triggers, Workflow};

const INPUTS: &[Input] =
    &[Input { name: "tag-suffix", kind: "string", about: "The end of the image's tags" }];

/// The workflow. The consumers' policy names its file: signatures of another one do not count.
pub fn workflow(facts: &Facts) -> Workflow {
    let merge = Command::xtask(&["merge", "--tag-suffix", "$TAG_SUFFIX", "--sign"]);
    let steps = vec![checkout(), xtask(), cosign(), login(facts), Step::run("Merge, sign and tag", merge)];
    let env = vec![("TAG_SUFFIX", expression("inputs.tag-suffix"))];
    Workflow {
        file: "backend_merge",
        name: "backend: merge",
        about: &[
            "Makes one image of those that the cache repository has under the keys of this commit, signs and tags it.",
            "If one is missing, nothing is written.",
        ],
        on: Triggers { call: Some(Call { inputs: INPUTS, secrets: secrets(facts) }), ..Triggers::default() },
        jobs: vec![
            Job::steps("merge", &format!("merge {}", expression("inputs.tag-suffix")), AMD64, SHORT, steps)
                .grant(Grant::Identity)
                .env(env),
        ],
    }
}
