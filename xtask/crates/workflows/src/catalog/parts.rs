//! Steps and jobs that several workflows have.

use crate::action;
use crate::command::Command;
use crate::facts::Facts;
use crate::job::Job;
use crate::step::{Step, expression, value};
use crate::workflow::{Grant, Input};
use model::text::yaml::Node;

/// The repository whose pushes publish. A fork's push starts nothing.
pub const REPOSITORY: &str = "mudler/LocalAI";

/// The hosted runner for Linux on amd64.
pub const AMD64: &str = "ubuntu-latest";
/// The hosted runner for Linux on arm64.
pub const ARM64: &str = "ubuntu-24.04-arm";
/// The hosted runner for macOS on arm64, by its version: Homebrew's libraries are made for it, and packages that carry them
/// run on no older one. `macos-latest` moves to the next under our feet. macOS 14, which the reference names, is gone since
/// November 2026.
pub const MACOS: &str = "macos-15";

/// Minutes of a job that asks and decides, and builds nothing.
pub const SHORT: usize = 30;
/// Minutes of a job that builds: what GitHub allows.
pub const LONG: usize = 360;

/// The default branch. Its pushes publish, and those of no other.
pub const BRANCH: &str = "master";

/// The environment that holds the secrets. Rules of the repository say who may use it, which no workflow can change.
const ENVIRONMENT: &str = "publish";

/// Only where pushes publish.
pub fn at_home() -> String {
    format!("github.repository == '{REPOSITORY}'")
}

/// Only of what went through the rules of the repository, as the policy in crate `model` decides as well: whoever may push
/// can push any other branch or tag, and start a run on it.
pub fn reviewed() -> String {
    let branch = format!("github.ref == 'refs/heads/{BRANCH}'");
    format!("{} && ({branch} || github.ref_type == 'tag' && github.ref_protected)", at_home())
}

/// Whose runs a workflow is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Those of what was reviewed: they write caches and publish.
    Publishing,
    /// Those of pull requests: they read.
    PullRequest,
}

impl Tier {
    /// It publishes.
    pub fn publishes(self) -> bool {
        self == Self::Publishing
    }

    /// What a job needs that uses cached results and, where it may, makes some.
    pub fn steps(self, facts: &Facts) -> Vec<Step> {
        let cosign = facts.identities.then(cosign);
        cosign.into_iter().chain(self.publishes().then(|| login(facts))).collect()
    }

    /// The job with the secrets and the identity for those steps.
    pub fn job(self, facts: &Facts, job: Job) -> Job {
        if self.publishes() { self.call(facts, job).environment(ENVIRONMENT) } else { job }
    }

    /// A call of a workflow with such a job.
    pub fn call(self, facts: &Facts, job: Job) -> Job {
        match self {
            Self::PullRequest => job,
            Self::Publishing if facts.identities => job.grant(Grant::Identity).secrets(secrets(facts)),
            Self::Publishing => job.secrets(secrets(facts)),
        }
    }

    /// Names of the secrets of a workflow that is called.
    pub fn secrets(self, facts: &Facts) -> Vec<String> {
        if self.publishes() { secrets(facts) } else { Vec::new() }
    }
}

/// A job that signs what it publishes, whatever is trusted.
pub fn publishing(job: Job) -> Job {
    job.grant(Grant::Identity).environment(ENVIRONMENT)
}

/// Outside of pull requests: where caches are kept.
pub const KEEPS: &str = "github.event_name != 'pull_request'";

/// Gets the commit. No credential stays behind for what is built.
pub fn checkout() -> Step {
    Step::uses("Check out", action::CHECKOUT, vec![("persist-credentials", Node::truth(false))])
}

/// Gets the commit with all of its history, against which changes are told.
pub fn checkout_history() -> Step {
    let with = vec![("persist-credentials", Node::truth(false)), ("fetch-depth", Node::number(0))];
    Step::uses("Check out with history", action::CHECKOUT, with)
}

/// The digests of the xtask that a workflow is told to use.
pub const SUMS: Input = Input { name: "sums", kind: "string", about: "SHA-256 of xtask and its programs" };

/// Puts the xtask of this run on PATH, in a workflow that is called.
pub fn xtask() -> Step {
    xtask_of("inputs.sums")
}

/// The same, with its digests as an expression.
pub fn xtask_of(sums: &str) -> Step {
    Step::local("Set up xtask", "setup-xtask").with(SUMS.name, value(sums))
}

/// The digests that a job said, for a workflow that is called.
pub fn sums(job: &str) -> (&'static str, Node) {
    (SUMS.name, value(&output(job, SUMS.name)))
}

/// The digests for a runner with Linux.
pub fn sums_on(runner: &str) -> String {
    let (arm64, amd64) = (output("xtask-arm64", SUMS.name), output("xtask-amd64", SUMS.name));
    format!("contains({runner}, 'arm') && {arm64} || {amd64}")
}

/// Makes room, gives Docker the larger disk, and starts a BuildKit.
pub fn builder() -> Vec<Step> {
    vec![
        Step::local("Free disk space", "free-disk-space"),
        Step::local("Set up the build disk", "setup-build-disk"),
        Step::run("Start BuildKit", Command::xtask(&["ci", "builder"])),
    ]
}

/// Builds, and pushes where that may be.
pub fn build(facts: &Facts, tier: Tier, command: &[&'static str]) -> Vec<Step> {
    let push = tier.publishes().then_some("--push");
    let command: Vec<&str> = command.iter().copied().chain(push).collect();
    let build =
        Step::run(if tier.publishes() { "Build and push" } else { "Build" }, Command::xtask(&command));
    tier.steps(facts).into_iter().chain([build]).collect()
}

/// Logs in to the registries. Secrets are variables of this step alone.
pub fn login(facts: &Facts) -> Step {
    let step = Step::run("Log in to the registries", Command::xtask(&["ci", "login"]));
    facts.secrets().fold(step, |step, name| {
        let secret = expression(&format!("secrets.{name}"));
        step.env(name, secret)
    })
}

/// Installs the program that signs.
pub fn cosign() -> Step {
    Step::uses("Install cosign", action::COSIGN, vec![("cosign-release", Node::text(action::COSIGN_RELEASE))])
}

/// Says on the page of the run what was decided or built, and why; also where it failed.
pub fn summary() -> Step {
    Step::run("Summarise", Command::xtask(&["ci", "summary"])).only("!cancelled()")
}

/// The job that compiles xtask for a runner. Where something is published, nothing that an earlier run compiled is used.
pub fn xtask_for(id: &str, runner: &str, tier: Tier) -> Job {
    let with = vec![("runs-on", Node::text(runner)), ("restore", Node::truth(!tier.publishes()))];
    Job::call(id, "xtask_build", with)
}

/// An output of another job, without the braces.
pub fn output(job: &str, name: &str) -> String {
    format!("needs.{job}.outputs.{name}")
}

/// Outputs of a job that are those of one of its steps.
pub fn outputs(step: &str, names: impl IntoIterator<Item = String>) -> Vec<(String, String)> {
    let value = |name: &String| expression(&format!("steps.{step}.outputs.{name}"));
    names.into_iter().map(|name| (name.clone(), value(&name))).collect()
}

/// A merge runs although a build failed or was skipped: its images may all be there. One that is missing stops the merge
/// itself, before anything is written.
pub fn after_builds(needs: &[&str], wanted: &str) -> String {
    let well = needs.iter().map(|job| format!("needs.{job}.result == 'success'"));
    let conditions: Vec<String> =
        ["!cancelled()".to_owned()].into_iter().chain(well).chain([format!("{wanted} == 'true'")]).collect();
    conditions.join(" && ")
}

/// Secrets of all registries, by name.
pub fn secrets(facts: &Facts) -> Vec<String> {
    facts.secrets().collect()
}
