//! Carries out an install plan on this machine: only what is missing, as root, through sudo, or not at all.

mod privilege;
mod state;

use crate::brew::{self, BrewError};
use crate::environment;
use crate::resolved::{BecomeRoot, Resolved};
use crate::run::{self, RunError};
use camino::{Utf8Path, Utf8PathBuf};
use model::host::Privilege;
use model::macos::homebrew_prefix;
use model::name::Label;
use plan::cmd::Cmd;
use plan::shell::Directories;
use plan::step::Action;
use plan::toolchain::{Install, InstallPlan, Pending, PendingStep};

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
    /// Homebrew could not make its formulas usable.
    #[error("step `{step}` of install-base-deps failed: {error}")]
    Homebrew {
        /// Which step.
        step: Label,
        /// How.
        error: Box<BrewError>,
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
    let runner = Runner { at: plan.trees.directories(), become_root, log: options.log };
    let mut lists_refreshed = false;
    for step in &pending.steps {
        watch(Event::Step(&step.id));
        runner.step(step, &mut lists_refreshed, &mut watch)?;
    }
    match self::pending(plan)?.steps.first() {
        Some(step) => Err(InstallError::NotDone { step: step.id.clone(), log: options.log.to_owned() }),
        None => Ok(pending.steps.into_iter().map(|step| step.id).collect()),
    }
}

/// One command by itself, as root where it asks for that.
pub fn run_cmd(
    cmd: &Cmd,
    privilege: Privilege,
    log: &Utf8Path,
    mut watch: impl FnMut(&str),
) -> Result<(), RunError> {
    let become_root = match privilege {
        Privilege::Sudo => BecomeRoot::Sudo,
        Privilege::Root | Privilege::None => BecomeRoot::Already,
    };
    Runner { at: Directories::default(), become_root, log }.cmd(cmd, &mut watch)
}

/// What runs the commands of a plan.
struct Runner<'a> {
    at: Directories,
    become_root: BecomeRoot,
    log: &'a Utf8Path,
}

impl Runner<'_> {
    fn step(
        &self,
        step: &PendingStep,
        lists_refreshed: &mut bool,
        watch: &mut impl FnMut(Event<'_>),
    ) -> Result<(), InstallError> {
        let install = |install: &Install, watch: &mut dyn FnMut(Event<'_>)| -> Result<(), RunError> {
            let mut line = |line: &str| watch(Event::Line(line));
            install.lower().iter().try_for_each(|action| self.action(action, &mut line))
        };
        for part in &step.actions {
            if let Install::Brew { arch, formulas } = part {
                let names: Vec<&str> = formulas.iter().map(AsRef::as_ref).collect();
                let mut line = |line: &str| watch(Event::Line(line));
                brew::make_ready(homebrew_prefix(*arch).into(), &names, self.log, &mut line).map_err(
                    |error| InstallError::Homebrew { step: step.id.clone(), error: Box::new(error) },
                )?;
                continue;
            }
            *lists_refreshed |= *part == Install::AptUpdate;
            let mut result = install(part, watch);
            // Lists that looked fresh may still name versions that the archive has dropped.
            if matches!((&result, part), (Err(RunError::Failed { .. }), Install::AptInstall { .. }))
                && !*lists_refreshed
            {
                *lists_refreshed = true;
                result = install(&Install::AptUpdate, watch).and_then(|()| install(part, watch));
            }
            result.map_err(|error| InstallError::Step { step: step.id.clone(), error })?;
        }
        Ok(())
    }

    fn action(&self, action: &Action, watch: &mut dyn FnMut(&str)) -> Result<(), RunError> {
        match action {
            Action::Run { cmd } => self.cmd(cmd, watch),
            Action::FirstOf { cmds } => run::first_of(cmds, |cmd| self.cmd(cmd, watch)),
            Action::Fetch { .. }
            | Action::Stage { .. }
            | Action::Copy { .. }
            | Action::Tree { .. }
            | Action::Write { .. } => Err(RunError::NotHere(action.to_string())),
        }
    }

    fn cmd(&self, cmd: &Cmd, watch: &mut dyn FnMut(&str)) -> Result<(), RunError> {
        let text = |arg: &_| Ok::<_, RunError>(self.at.text(arg));
        let cmd = Resolved::of(cmd, &environment::at_home(), self.become_root, text)?;
        run::run(&cmd, self.log, watch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(dir: &Utf8Path, action: &Action) -> Result<(), RunError> {
        let runner =
            Runner { at: Directories::default(), become_root: BecomeRoot::Already, log: &dir.join("log") };
        runner.action(action, &mut |_| ())
    }

    #[test]
    fn the_next_one_is_run_where_one_fails_and_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let touch = |name: &str| Cmd::user("touch").arg(dir.join(name).into_string());
        let first = |cmds: Vec<Cmd>| run(dir, &Action::first_of(cmds));
        first(vec![Cmd::user("false"), touch("second"), touch("third")]).unwrap();
        assert!(dir.join("second").exists() && !dir.join("third").exists());
        first(vec![Cmd::user("false"), Cmd::user("false")]).unwrap_err();
        assert!(
            first(vec![Cmd::user("no-such-tool"), touch("fourth")]).is_err() && !dir.join("fourth").exists()
        );
    }

    #[test]
    fn a_wrong_digest_fails_and_shows_what_was_said() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let file = dir.join("file");
        fs_err::write(&file, "abc").unwrap();
        let check = |digest: &str| {
            let check = Cmd::user("sha256sum").args(["--check", "--quiet", "-"]);
            run(dir, &check.stdin(format!("{digest}  {file}\n")).into())
        };
        check("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad").unwrap();
        let error = check(&"0".repeat(64)).unwrap_err().to_string();
        assert!(error.contains("FAILED"), "{error}");
    }
}
