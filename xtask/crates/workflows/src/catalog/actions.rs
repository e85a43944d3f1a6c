//! The composite actions: thin shells over `xtask ci`.

use super::parts::SUMS;
use crate::action;
use crate::command::Command;
use crate::step::{Step, expression};
use crate::workflow::CompositeAction;
use model::text::yaml::Node;

/// Removes what hosted runners have and no build needs.
pub fn free_disk_space() -> CompositeAction {
    CompositeAction {
        directory: "free-disk-space",
        name: "Free disk space",
        about: "Removes what hosted Linux runners have installed and no build needs; does nothing anywhere else.",
        inputs: &[],
        steps: vec![Step::run("Free disk space", Command::xtask(&["ci", "free-disk"]))],
    }
}

/// Gives Docker the larger disk.
pub fn setup_build_disk() -> CompositeAction {
    CompositeAction {
        directory: "setup-build-disk",
        name: "Set up the build disk",
        about: "Moves Docker's data to the larger disk of hosted X64 runners; does nothing anywhere else.",
        inputs: &[],
        steps: vec![Step::run("Set up the build disk", Command::xtask(&["ci", "setup-disk"]))],
    }
}

/// Puts the xtask of this run on PATH. Whatever runs in a run can replace its artifacts, and no job's outputs: these say
/// what is run.
pub fn setup_xtask() -> CompositeAction {
    let with = vec![
        ("name", Node::Text(super::xtask_build::artifact())),
        ("path", Node::Text(format!("{}/xtask", expression("runner.temp")))),
    ];
    let take = vec![
        Command::new(&["cd", "$RUNNER_TEMP/xtask"]),
        Command::new(&["shasum", "--algorithm", "256", "--check"]).reads("$SUMS"),
        // Artifacts lose the executable bit.
        Command::new(&["chmod", "+x", "xtask"]),
        Command::new(&["./xtask", "ci", "take-on", "$RUNNER_TEMP/xtask"]),
    ];
    CompositeAction {
        directory: "setup-xtask",
        name: "Set up xtask",
        about: "Gets the xtask that an earlier job of this run compiled, makes sure of it, and puts it on PATH.",
        inputs: &[SUMS],
        steps: vec![
            Step::uses("Download", action::DOWNLOAD, with),
            Step::run_all("Verify and put on PATH", take).env("SUMS", expression("inputs.sums")),
        ],
    }
}
