//! Getting root before the first command, or saying in one command what somebody who has it must run.

use super::call::BecomeRoot;
use super::{InstallError, Options};
use halt::Run;
use plan::deps::{Call, Pending, PendingStep, shell_word};
use plan::host::Privilege;
use std::process::Command;

pub(super) fn acquire(pending: &Pending, options: &Options<'_>) -> Result<BecomeRoot, InstallError> {
    let calls: Vec<Call> =
        pending.steps.iter().flat_map(PendingStep::calls).filter(|call| call.privileged).collect();
    let refuse = |prefix: &str| {
        let script = calls.iter().map(Call::to_shell).collect::<Vec<_>>().join(" && ");
        InstallError::NeedsRoot {
            missing: pending.steps.iter().map(|step| step.id.as_str()).collect::<Vec<_>>().join(", "),
            command: format!("{prefix} {}", shell_word(&script)),
        }
    };
    match options.privilege {
        Privilege::Root => Ok(BecomeRoot::Already),
        _ if calls.is_empty() => Ok(BecomeRoot::Already),
        Privilege::None => Err(refuse("su root -c")),
        Privilege::Sudo => {
            let sudo = |args: &[&str]| {
                let mut command = Command::new("sudo");
                command.args(args);
                Run::new(command)
            };
            let silent = sudo(&["-n", "true"]).output().is_ok_and(|output| output.status.success());
            // Asks on the terminal, once; what follows is covered by the answer.
            if silent || (options.terminal && sudo(&["-v"]).ask().is_ok_and(|status| status.success())) {
                Ok(BecomeRoot::Sudo)
            } else {
                Err(refuse("sudo sh -c"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use camino::Utf8Path;
    use plan::deps::Action;

    fn pending(actions: Vec<Action>) -> Pending {
        Pending { steps: vec![PendingStep { id: "base".parse().unwrap(), actions }] }
    }

    fn options() -> Options<'static> {
        Options { privilege: Privilege::None, terminal: false, log: Utf8Path::new("/dev/null") }
    }

    #[test]
    fn says_the_one_command_and_it_is_valid_shell() {
        let install = Action::AptInstall { packages: vec!["ccache"], versioned: Vec::new() };
        let write = Action::Run { call: Call::root("tee").arg("/x y").stdin("it's\n") };
        let error = acquire(&pending(vec![Action::AptUpdate, install, write]), &options()).unwrap_err();
        let InstallError::NeedsRoot { command, missing } = error else { panic!("{error}") };
        assert_eq!(missing, "base");
        assert!(command.starts_with("su root -c '") && command.contains("&& DEBIAN_FRONTEND"), "{command}");
        let mut shell = Command::new("sh");
        shell.args(["-n", "-c", &command]);
        assert!(Run::new(shell).status().unwrap().success());
    }

    #[test]
    fn what_needs_no_root_runs_without_it() {
        let user = Action::Run { call: Call::user("true") };
        assert_eq!(acquire(&pending(vec![user]), &options()).unwrap(), BecomeRoot::Already);
    }
}
