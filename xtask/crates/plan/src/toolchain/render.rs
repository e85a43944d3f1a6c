//! A plan as one POSIX `sh` script that holds this plan's steps alone.

use super::action::{InstallPlan, InstallStep, Probe};
use super::pending::{Pending, PendingStep, State};
use super::tree::Source;
use crate::shell::{Directories, JOBS, heading, lines, quote};
use crate::step::Action;
use model::name::Label;
use std::fmt::Write as _;

/// The plan for a machine that has nothing yet, as a script for `sh`.
pub fn render_sh(plan: &InstallPlan) -> String {
    script(&plan.title, &render_steps(plan))
}

/// What only root may do of steps that are left, as a script for `sh`.
pub fn render_as_root(title: &str, pending: &Pending) -> String {
    let at = pending.trees.directories();
    let text = |step: &PendingStep| {
        let lines = step.lower().filter(Action::is_root).flat_map(|action| lines(&action, &at));
        lines.fold(String::new(), |text, line| text + &line + "\n")
    };
    let steps = pending.steps.iter().map(|step| (step.id.clone(), text(step)));
    script(title, &steps.filter(|(_, text)| !text.is_empty()).collect::<Vec<_>>())
}

/// The script of steps that have been rendered.
pub(crate) fn script(title: &str, steps: &[(Label, String)]) -> String {
    let mut script = format!(
        "#!/bin/sh\n# {title}\n# Written by `cargo xtask install-base-deps --print sh`: edit the tables, not this.\nset -eu\n"
    );
    for (id, text) in steps {
        let _ = write!(script, "\n{}\n{text}", heading(id));
    }
    script
}

/// The steps of a script, by name.
pub fn render_steps(plan: &InstallPlan) -> Vec<(Label, String)> {
    let at = plan.trees.directories();
    let pending = plan.pending(&State::default());
    let steps = pending.steps.iter().zip(&plan.steps);
    steps.map(|(step, declared)| (step.id.clone(), render_step(step, declared, &at))).collect()
}

fn render_step(step: &PendingStep, declared: &InstallStep, at: &Directories) -> String {
    let actions: Vec<Action> = step.lower().collect();
    let jobs = actions.iter().any(Action::is_parallel).then(|| JOBS.to_owned());
    let all = declared.sources.iter().map(Source::identity).chain(jobs);
    let all: Vec<String> = all.chain(actions.iter().flat_map(|action| lines(action, at))).collect();
    let text = all.join("\n");
    match &declared.done {
        // apt skips what is installed by itself.
        Probe::Packages | Probe::FollowsOthers => format!("{text}\n"),
        Probe::Files(files) => {
            let tests: Vec<String> = files.iter().map(|file| format!("[ -e {} ]", quote(file))).collect();
            format!("if ! {{ {}; }}; then\n{text}\nfi\n", tests.join(" && "))
        }
    }
}
