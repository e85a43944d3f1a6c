//! `image_build.yml`: one root image for one platform.

use super::parts::{LONG, SUMS, Tier, build, builder, checkout, xtask};
use crate::facts::Facts;
use crate::job::Job;
use crate::step::expression;
use crate::workflow::{Call, Input, Triggers, Workflow};

const INPUTS: &[Input] = &[
    Input { name: "image", kind: "string", about: "The image, as `cargo xtask build-image --list` shows it" },
    Input { name: "platform", kind: "string", about: "The platform, as in linux/amd64" },
    Input { name: "runs-on", kind: "string", about: "The runner of that platform" },
    SUMS,
];

const BUILD: [&str; 4] = ["build-image", "$IMAGE", "--platform", "$PLATFORM"];

/// The workflow; that of pull requests is another one.
pub fn workflow(facts: &Facts, tier: Tier) -> Workflow {
    let mut steps = vec![checkout(), xtask()];
    steps.extend(builder());
    steps.extend(build(facts, tier, &BUILD));
    let env = vec![("IMAGE", expression("inputs.image")), ("PLATFORM", expression("inputs.platform"))];
    let name = format!("build {}", expression("inputs.image"));
    let job = Job::steps("build", &name, &expression("inputs.runs-on"), LONG, steps).env(env);
    let call = Call { inputs: INPUTS, secrets: tier.secrets(facts), outputs: &[] };
    let (file, name, about): (_, _, &[_]) = match tier {
        Tier::Publishing => (
            "image_build",
            "image: build",
            &["Builds one root image for one platform. It is kept under its key, where the merge finds it."],
        ),
        Tier::PullRequest => (
            "image_build_pr",
            "image: build (PR)",
            &["Builds one root image for one platform. It gets no secret, and writes nothing."],
        ),
    };
    let on = Triggers { call: Some(call), ..Triggers::default() };
    Workflow { file, name, about, on, jobs: vec![tier.job(facts, job)] }
}
