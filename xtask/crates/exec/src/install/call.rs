//! One command of an install plan, run on this machine.

use crate::places::Resolved;
use crate::run::{self, RunError};
use camino::{Utf8Path, Utf8PathBuf};
use plan::toolchain::Call;

/// How a command that needs root gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BecomeRoot {
    /// It has it.
    Already,
    /// Through a sudo that asks no more questions.
    Sudo,
}

/// Programs that only root uses live outside the PATH that `su` leaves.
const ROOT_PATH: &str = "/usr/local/sbin:/usr/sbin:/sbin";

pub(super) fn run(
    call: &Call,
    become_root: BecomeRoot,
    log: &Utf8Path,
    mut watch: impl FnMut(&str),
) -> Result<(), RunError> {
    let mut call = call;
    loop {
        let cmd = resolve(call, become_root);
        let result = match &call.stdin {
            None => run::run(&cmd, log, &mut watch),
            Some(text) => run::feed(&cmd, text, log, &mut watch),
        };
        match (&call.otherwise, result) {
            (Some(otherwise), Err(RunError::Failed { .. })) => call = otherwise,
            (_, result) => return result,
        }
    }
}

fn resolve(call: &Call, become_root: BecomeRoot) -> Resolved {
    let cwd = Utf8PathBuf::from(call.cwd.as_deref().unwrap_or("/"));
    if call.privileged && become_root == BecomeRoot::Sudo {
        // sudo drops the environment; `env` puts the plan's part of it back.
        let env = call.env.iter().map(|(name, value)| format!("{name}={value}"));
        let args = ["-n", "--", "env"].map(str::to_owned).into_iter().chain(env);
        let args = args.chain([call.program.clone()]).chain(call.args.iter().cloned());
        return Resolved::new("sudo", &cwd).args(args);
    }
    let mut cmd = Resolved::new(&call.program, &cwd).args(&call.args);
    if call.privileged {
        let path = cmd.env.remove("PATH").unwrap_or_default();
        cmd.env.insert("PATH".to_owned(), format!("{path}:{ROOT_PATH}"));
    }
    cmd.env.extend(call.env.clone());
    cmd
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sudo_gets_the_plan_s_variables_and_nobody_else_is_asked() {
        let call = Call::root("apt-get").arg("update").env("DEBIAN_FRONTEND", "noninteractive");
        let cmd = resolve(&call, BecomeRoot::Sudo);
        assert_eq!(cmd.to_string(), "sudo -n -- env DEBIAN_FRONTEND=noninteractive apt-get update");
        assert_eq!(resolve(&Call::user("true"), BecomeRoot::Sudo).program, "true");
        assert!(resolve(&call, BecomeRoot::Already).env["PATH"].ends_with("/sbin"));
    }

    #[test]
    fn the_next_one_is_run_where_one_fails_and_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let touch = |name: &str| Call::user("touch").arg(dir.join(name));
        let first = |calls: Vec<Call>| {
            let call = Call::first_of(calls.into_iter()).unwrap();
            run(&call, BecomeRoot::Already, &dir.join("log"), |_| ())
        };
        first(vec![Call::user("false"), touch("second"), touch("third")]).unwrap();
        assert!(dir.join("second").exists() && !dir.join("third").exists());
        first(vec![Call::user("false"), Call::user("false")]).unwrap_err();
    }

    #[test]
    fn a_wrong_digest_fails_and_shows_what_was_said() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let (file, log) = (dir.join("file"), dir.join("log"));
        fs_err::write(&file, "abc").unwrap();
        let check = |digest: &str| {
            let call = Call::user("sha256sum")
                .args(["--check", "--quiet", "-"])
                .stdin(format!("{digest}  {file}\n"));
            run(&call, BecomeRoot::Already, &log, |_| ())
        };
        check("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad").unwrap();
        let error = check(&"0".repeat(64)).unwrap_err().to_string();
        assert!(error.contains("FAILED"), "{error}");
    }
}
