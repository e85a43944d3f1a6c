//! A plan as one POSIX `sh` script that holds this plan's steps alone.

use super::action::{Action, InstallPlan, Probe};
use super::call::{Call, shell_word};
use super::pending::{Pending, PendingStep, State};
use super::tree::Trees;
use model::name::Label;
use std::fmt::Write as _;

/// The plan for a machine that has nothing yet, as a script for `sh` that stands alone.
pub fn render_sh(plan: &InstallPlan) -> String {
    script(&plan.title, &render_steps(plan, Trees::Downloaded))
}

/// What only root may do of steps that are left, as a script for `sh`.
pub fn render_as_root(title: &str, pending: &Pending) -> String {
    let lines = |step: &PendingStep| {
        let calls = step.calls().into_iter().filter(|call| call.privileged);
        calls.fold(String::new(), |text, call| text + &call.to_shell() + "\n")
    };
    let steps = pending.steps.iter().map(|step| (step.id.clone(), lines(step)));
    script(title, &steps.filter(|(_, text)| !text.is_empty()).collect::<Vec<_>>())
}

/// The script of steps that have been rendered.
pub(crate) fn script(title: &str, steps: &[(Label, String)]) -> String {
    let mut script = format!(
        "#!/bin/sh\n# {title}\n# Written by `cargo xtask install-base-deps --print sh`: edit the tables, not this.\nset -eu\n"
    );
    for (id, text) in steps {
        let _ = write!(script, "\necho {}\n{text}", shell_word(&format!("== {id}")));
    }
    script
}

/// The steps of a script, by name.
pub fn render_steps(plan: &InstallPlan, trees: Trees) -> Vec<(Label, String)> {
    let pending = plan.pending(&State::default());
    let steps = pending.steps.into_iter().zip(&plan.steps);
    steps
        .map(|(step, declared)| {
            let mut lines = Vec::new();
            for action in &step.actions {
                if let (Action::Tree { source, .. }, Trees::Mounted) = (action, trees) {
                    lines.push(source.identity());
                }
                lines.extend(action.calls_with(trees).iter().map(Call::to_shell));
            }
            let lines = lines.join("\n");
            let text = match &declared.done {
                // apt skips what is installed by itself.
                Probe::Packages | Probe::FollowsOthers => format!("{lines}\n"),
                Probe::Files(files) => {
                    let tests: Vec<String> =
                        files.iter().map(|file| format!("[ -e {} ]", shell_word(file))).collect();
                    format!("if ! {{ {}; }}; then\n{lines}\nfi\n", tests.join(" && "))
                }
            };
            (step.id, text)
        })
        .collect()
}
