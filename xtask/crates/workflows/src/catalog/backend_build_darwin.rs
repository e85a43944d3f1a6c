//! `backend_build_darwin.yml`: one backend for macOS, built on a Mac.

use super::backend_build::{BUCKET, bucket};
use super::parts::{KEEPS, LONG, MACOS, SUMS, checkout, summary, xtask};
use crate::action;
use crate::command::Command;
use crate::job::Job;
use crate::step::{Step, expression, value};
use crate::workflow::{Call, Input, Triggers, Workflow};
use model::text::yaml::Node;

const INPUTS: &[Input] = &[
    Input { name: "backend", kind: "string", about: "The backend" },
    Input {
        name: "tag-suffix",
        kind: "string",
        about: "The end of the image's tags, which says what to build",
    },
    BUCKET,
    SUMS,
    Input { name: "publish", kind: "boolean", about: "Hand on what is built, for the merge to publish" },
];

/// What the runner is.
const PLATFORM: &str = "darwin/arm64";

/// The package as an image, in a directory that is handed on.
pub const IMAGE: &str = "$RUNNER_TEMP/image/image.oci.tar";

/// A cache that `xtask ci cache-keys` names; without a key, the backend does not use it.
struct Cache {
    name: &'static str,
    restore: &'static str,
    keep: &'static str,
}

const CACHES: [Cache; 5] = [
    Cache { name: "brew", restore: "Restore Homebrew", keep: "Keep Homebrew" },
    Cache { name: "cargo", restore: "Restore crates", keep: "Keep crates" },
    Cache { name: "go", restore: "Restore Go's modules and builds", keep: "Keep Go's modules and builds" },
    Cache { name: "ccache", restore: "Restore the compiler cache", keep: "Keep the compiler cache" },
    Cache { name: "wheels", restore: "Restore wheels", keep: "Keep wheels" },
];

impl Cache {
    fn output(&self, part: &str) -> String {
        format!("steps.keys.outputs.{}-{part}", self.name)
    }

    fn with(&self) -> Vec<(&'static str, Node)> {
        vec![("path", value(&self.output("path"))), ("key", value(&self.output("key")))]
    }

    fn restore(&self) -> Step {
        let mut with = self.with();
        with.push(("restore-keys", value(&self.output("restore-keys"))));
        Step::uses(self.restore, action::CACHE_RESTORE, with)
            .id(self.name)
            .only(format!("{} != ''", self.output("key")))
    }

    /// Pull requests read what others kept and keep nothing.
    fn keep(&self) -> Step {
        let missed = format!("steps.{}.outputs.cache-hit != 'true'", self.name);
        Step::uses(self.keep, action::CACHE_SAVE, self.with())
            .only(format!("{KEEPS} && {} != '' && {missed}", self.output("key")))
    }
}

/// Its name as an artifact.
pub fn artifact() -> Node {
    Node::Text(format!("darwin{}", expression("inputs.tag-suffix")))
}

fn build() -> Job {
    let keys = [
        "ci",
        "cache-keys",
        "--backend",
        "$BACKEND",
        "--platform",
        "$PLATFORM",
        "--github-output",
        "$GITHUB_OUTPUT",
    ];
    let build = [
        "build-backend",
        "--tag-suffix",
        "$TAG_SUFFIX",
        "--platform",
        "$PLATFORM",
        "--realm",
        "native",
        "--install-deps",
        "--output",
        IMAGE,
    ];
    let directory = format!("{}/image", expression("runner.temp"));
    let upload = vec![
        ("name", artifact()),
        ("path", Node::Text(directory)),
        ("if-no-files-found", Node::text("error")),
        ("retention-days", Node::number(1)),
        ("overwrite", Node::truth(true)),
    ];
    let mut steps = vec![checkout(), xtask()];
    steps.push(Step::run("Name the caches", Command::xtask(&keys)).id("keys"));
    steps.extend(CACHES.iter().map(Cache::restore));
    steps.push(Step::run("Build", Command::xtask(&build)));
    steps.push(summary());
    steps.extend(CACHES.iter().map(Cache::keep));
    steps.push(Step::uses("Hand on", action::UPLOAD, upload).only("inputs.publish"));
    // What was restored must not be renewed or cleaned behind its back.
    let quiet = [
        "HOMEBREW_NO_AUTO_UPDATE",
        "HOMEBREW_NO_INSTALL_CLEANUP",
        "HOMEBREW_NO_INSTALL_UPGRADE",
        "HOMEBREW_NO_ANALYTICS",
    ];
    let mut env = vec![
        ("BACKEND", expression("inputs.backend")),
        ("TAG_SUFFIX", expression("inputs.tag-suffix")),
        ("PLATFORM", PLATFORM.to_owned()),
        bucket(),
    ];
    env.extend(quiet.map(|name| (name, "1".to_owned())));
    Job::steps("build", &format!("build {}", expression("inputs.tag-suffix")), MACOS, LONG, steps).env(env)
}

/// The workflow. It has no secret: what it hands on is published by the one that merges.
pub fn workflow() -> Workflow {
    Workflow {
        file: "backend_build_darwin",
        name: "backend: build for macOS",
        about: &[
            "Builds one backend on a Mac, whose caches GitHub keeps, and hands the package on as an image in a file.",
        ],
        on: Triggers {
            call: Some(Call { inputs: INPUTS, secrets: Vec::new(), outputs: &[] }),
            ..Triggers::default()
        },
        jobs: vec![build()],
    }
}
