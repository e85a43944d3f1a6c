//! Carries out an install plan on this machine: only what is missing, as root, through sudo, or not at all.

mod call;
mod privilege;
mod state;

use crate::run::RunError;
use camino::{Utf8Path, Utf8PathBuf};
use model::host::Privilege;
use model::name::Label;
use plan::toolchain::{Action, InstallPlan, Pending, PendingStep};

/// How an installation is run.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// What this user may do.
    pub privilege: Privilege,
    /// Somebody is there to type a password.
    pub terminal: bool,
    /// Every command and all of its output is appended here.
    pub log: &'a Utf8Path,
}

/// What is told while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// A step starts.
    Step(&'a Label),
    /// A line of output.
    Line(&'a str),
}

/// Why a machine was not made ready.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// Packages are missing and this user may not install them.
    #[error(
        "{missing} must be installed, and this user may not do that: read {script}, run it as root, and try again:\n  \
         {command}"
    )]
    NeedsRoot {
        /// Names of the steps.
        missing: String,
        /// Everything that needs root.
        script: Utf8PathBuf,
        /// One command that runs it.
        command: String,
    },
    /// What needs root could not be written down.
    #[error("cannot write what root must run to {script}: {error}")]
    Script {
        /// Where it was to be.
        script: Utf8PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A command failed.
    #[error("step `{step}` of install-base-deps failed: {error}")]
    Step {
        /// Which step.
        step: Label,
        /// How.
        error: RunError,
    },
    /// The steps ran, and their results are not there.
    #[error("install-base-deps ran, yet `{step}` is still not done: read {log}")]
    NotDone {
        /// The first such step.
        step: Label,
        /// Full output.
        log: Utf8PathBuf,
    },
    /// The machine's state could not be read.
    #[error("cannot read {path} to see what is installed: {error}")]
    State {
        /// Which file.
        path: Utf8PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

/// What is left to do on this machine. Reads a few files and starts no process.
pub fn pending(plan: &InstallPlan) -> Result<Pending, InstallError> {
    Ok(plan.pending(&state::read(plan, Utf8Path::new("/"))?))
}

/// Does what is left to do, and returns the names of the steps that were run: none if the machine was ready.
pub fn run(
    plan: &InstallPlan,
    options: &Options<'_>,
    mut watch: impl FnMut(Event<'_>),
) -> Result<Vec<Label>, InstallError> {
    let pending = pending(plan)?;
    if pending.steps.is_empty() {
        return Ok(Vec::new());
    }
    let become_root = privilege::acquire(&plan.title, &pending, options)?;
    let mut lists_refreshed = false;
    for step in &pending.steps {
        watch(Event::Step(&step.id));
        run_step(step, become_root, options.log, &mut lists_refreshed, &mut watch)?;
    }
    match self::pending(plan)?.steps.first() {
        Some(step) => Err(InstallError::NotDone { step: step.id.clone(), log: options.log.to_owned() }),
        None => Ok(pending.steps.into_iter().map(|step| step.id).collect()),
    }
}

/// One command by itself, as root where it asks for that.
pub fn run_call(
    call: &plan::toolchain::Call,
    privilege: Privilege,
    log: &Utf8Path,
    watch: impl FnMut(&str),
) -> Result<(), RunError> {
    let become_root = match privilege {
        Privilege::Sudo => call::BecomeRoot::Sudo,
        Privilege::Root | Privilege::None => call::BecomeRoot::Already,
    };
    call::run(call, become_root, log, watch)
}

fn run_step(
    step: &PendingStep,
    become_root: call::BecomeRoot,
    log: &Utf8Path,
    lists_refreshed: &mut bool,
    watch: &mut impl FnMut(Event<'_>),
) -> Result<(), InstallError> {
    let mut act = |action: &Action| -> Result<(), RunError> {
        action
            .calls()
            .iter()
            .try_for_each(|call| call::run(call, become_root, log, |line| watch(Event::Line(line))))
    };
    for action in &step.actions {
        *lists_refreshed |= *action == Action::AptUpdate;
        let mut result = act(action);
        // Lists that looked fresh may still name versions that the archive has dropped.
        if matches!((&result, action), (Err(RunError::Failed { .. }), Action::AptInstall { .. }))
            && !*lists_refreshed
        {
            *lists_refreshed = true;
            result = act(&Action::AptUpdate).and_then(|()| act(action));
        }
        result.map_err(|error| InstallError::Step { step: step.id.clone(), error })?;
    }
    Ok(())
}
