//! A plan as one POSIX `sh` script that holds this plan's steps alone.

use super::action::{InstallPlan, Probe};
use super::call::shell_word;
use super::pending::State;
use std::fmt::Write as _;

/// The plan for a machine that has nothing yet, as a script for `sh`.
pub fn render_sh(plan: &InstallPlan) -> String {
    let mut script = format!(
        "#!/bin/sh\n# {}\n# Written by `cargo xtask install-base-deps --print sh`: edit the tables, not this.\nset -eu\n",
        plan.title
    );
    let pending = plan.pending(&State::default());
    for (step, declared) in pending.steps.iter().zip(&plan.steps) {
        let lines: Vec<String> = step.calls().iter().map(super::call::Call::to_shell).collect();
        let _ = writeln!(script, "\necho {}", shell_word(&format!("== {}", step.id)));
        match &declared.done {
            // apt skips what is installed by itself.
            Probe::Packages | Probe::FollowsOthers => {
                let _ = writeln!(script, "{}", lines.join("\n"));
            }
            Probe::Files(files) => {
                let tests: Vec<String> =
                    files.iter().map(|file| format!("[ -e {} ]", shell_word(file))).collect();
                let _ =
                    writeln!(script, "if ! {{ {}; }}; then\n{}\nfi", tests.join(" && "), lines.join("\n"));
            }
        }
    }
    script
}
