//! Getting root before the first command, or writing down what somebody who has it must run.

use super::{InstallError, Options};
use crate::resolved::BecomeRoot;
use halt::Run;
use model::host::Privilege;
use plan::shell::quote;
use plan::toolchain::{Pending, PendingStep, render_as_root};
use std::process::Command;

pub(super) fn acquire(
    title: &str,
    pending: &Pending,
    options: &Options<'_>,
) -> Result<BecomeRoot, InstallError> {
    let refuse = |command: &dyn Fn(&str) -> String| {
        let script = options.log.with_extension("sh");
        if let Err(error) = fs_err::write(&script, render_as_root(title, pending)) {
            return InstallError::Script { script, error };
        }
        InstallError::NeedsRoot {
            missing: pending.steps.iter().map(|step| step.id.as_str()).collect::<Vec<_>>().join(", "),
            command: command(&format!("sh {}", quote(script.as_str()))),
            script,
        }
    };
    match options.privilege {
        Privilege::Root => Ok(BecomeRoot::Already),
        _ if !pending.steps.iter().flat_map(PendingStep::lower).any(|action| action.is_root()) => {
            Ok(BecomeRoot::Already)
        }
        Privilege::None => Err(refuse(&|script| format!("su root -c {}", quote(script)))),
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
                Err(refuse(&|script| format!("sudo {script}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use camino::Utf8Path;
    use plan::cmd::Cmd;
    use plan::toolchain::{Install, Trees};

    fn pending(actions: Vec<Install>) -> Pending {
        Pending {
            trees: Trees::Downloaded,
            steps: vec![PendingStep { id: "base".parse().unwrap(), actions }],
        }
    }

    fn acquire(pending: &Pending, dir: &Utf8Path) -> Result<BecomeRoot, InstallError> {
        let log = dir.join("install-base-deps.log");
        super::acquire(
            "a machine",
            pending,
            &Options { privilege: Privilege::None, terminal: false, log: &log },
        )
    }

    #[test]
    fn says_one_short_command_for_a_script_that_can_be_read() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap().join("it's here");
        fs_err::create_dir(&dir).unwrap();
        let install = Install::AptInstall { packages: vec!["ccache".into()] };
        let write = Cmd::root("tee").arg("/x y").stdin("it's\n").into();
        let own = Cmd::user("touch").arg("/own").into();
        let error = acquire(&pending(vec![Install::AptUpdate, install, write, own]), &dir).unwrap_err();
        let InstallError::NeedsRoot { command, missing, script } = error else { panic!("{error}") };
        assert_eq!((missing.as_str(), script.parent()), ("base", Some(dir.as_path())));
        assert!(command.starts_with("su root -c ") && command.len() < 200, "{command}");
        let text = fs_err::read_to_string(&script).unwrap();
        assert!(
            text.contains("set -eu\n") && text.contains("install --yes") && !text.contains("/own"),
            "{text}"
        );
        // What su hands to a shell, which would find the script.
        let inner = command.replacen("su root -c ", "printf %s ", 1);
        let mut shell = Command::new("sh");
        shell.args(["-c", &inner]);
        let inner = Run::new(shell).text().unwrap().replacen("sh ", "sh -n ", 1);
        let mut shell = Command::new("sh");
        shell.args(["-c", &inner]);
        assert!(Run::new(shell).status().unwrap().success(), "{inner}");
    }

    #[test]
    fn what_needs_no_root_runs_without_it() {
        let user = Cmd::user("true").into();
        let nowhere = Utf8Path::new("/nowhere");
        assert_eq!(acquire(&pending(vec![user]), nowhere).unwrap(), BecomeRoot::Already);
    }
}
