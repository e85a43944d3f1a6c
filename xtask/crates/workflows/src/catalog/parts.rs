//! Steps and jobs that several workflows have.

use crate::action;
use crate::command::Command;
use crate::facts::Facts;
use crate::job::Job;
use crate::step::{Step, expression};
use model::text::yaml::Node;

/// The repository whose pushes publish. A fork's push starts nothing.
pub const REPOSITORY: &str = "mudler/LocalAI";

/// The hosted runner for Linux on amd64.
pub const AMD64: &str = "ubuntu-latest";
/// The hosted runner for Linux on arm64.
pub const ARM64: &str = "ubuntu-24.04-arm";
/// The hosted runner for macOS on arm64.
pub const MACOS: &str = "macos-latest";

/// Minutes of a job that asks and decides, and builds nothing.
pub const SHORT: usize = 30;
/// Minutes of a job that builds: what GitHub allows.
pub const LONG: usize = 360;

/// Only where pushes publish.
pub fn at_home() -> String {
    format!("github.repository == '{REPOSITORY}'")
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

/// Puts the xtask of this run on PATH.
pub fn xtask() -> Step {
    Step::local("Set up xtask", "setup-xtask")
}

/// Makes room, gives Docker the larger disk, and starts a BuildKit.
pub fn builder() -> Vec<Step> {
    vec![
        Step::local("Free disk space", "free-disk-space"),
        Step::local("Set up the build disk", "setup-build-disk"),
        Step::run("Start BuildKit", Command::xtask(&["ci", "builder"])),
    ]
}

/// Builds; where the workflow publishes, logs in before and pushes.
pub fn build(facts: &Facts, command: &[&'static str]) -> [Step; 3] {
    let push: Vec<&str> = command.iter().copied().chain(["--push"]).collect();
    [
        login(facts).only("inputs.publish"),
        Step::run("Build and push", Command::xtask(&push)).only("inputs.publish"),
        Step::run("Build", Command::xtask(command)).only("!inputs.publish"),
    ]
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

/// The job that compiles xtask for a runner.
pub fn xtask_for(id: &str, runner: &str) -> Job {
    Job::call(id, "xtask_build", vec![("runs-on", Node::text(runner))])
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
