//! `backend_build.yml`: one backend for one Linux platform.

use super::parts::{LONG, SUMS, Tier, build, builder, checkout, summary, xtask};
use crate::facts::Facts;
use crate::job::Job;
use crate::step::expression;
use crate::workflow::{Call, Input, Triggers, Workflow};

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
    SUMS,
];

/// The command that builds.
const BUILD: [&str; 7] =
    ["build-backend", "--tag-suffix", "$TAG_SUFFIX", "--platform", "$PLATFORM", "--realm", "container"];

/// The workflow. That of pull requests is another one: GitHub starts no run with a call that asks for more than it grants.
pub fn workflow(facts: &Facts, tier: Tier) -> Workflow {
    let mut steps = vec![checkout(), xtask()];
    steps.extend(builder());
    steps.extend(build(facts, tier, &BUILD));
    steps.push(summary());
    let env = vec![
        ("TAG_SUFFIX", expression("inputs.tag-suffix")),
        ("PLATFORM", expression("inputs.platform")),
        bucket(),
    ];
    let name = format!("build {}", expression("inputs.tag-suffix"));
    let job = Job::steps("build", &name, &expression("inputs.runs-on"), LONG, steps).env(env);
    let call = Call { inputs: INPUTS, secrets: tier.secrets(facts), outputs: &[] };
    let (file, name, about): (_, _, &[_]) = match tier {
        Tier::Publishing => (
            "backend_build",
            "backend: build",
            &[
                "Builds one backend for one platform. The image is kept under its key, where the merge finds it.",
            ],
        ),
        Tier::PullRequest => (
            "backend_build_pr",
            "backend: build (PR)",
            &["Builds one backend for one platform. It gets no secret, and writes nothing."],
        ),
    };
    let on = Triggers { call: Some(call), ..Triggers::default() };
    Workflow { file, name, about, on, jobs: vec![tier.job(facts, job)] }
}
