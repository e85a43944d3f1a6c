//! A command as it is run on this machine.

use crate::environment;
use camino::{Utf8Path, Utf8PathBuf};
use model::arg::Arg;
use plan::cmd::Cmd;
use std::collections::BTreeMap;

/// Programs that only root uses live outside the PATH that `su` leaves.
const ROOT_PATH: &str = "/usr/local/sbin:/usr/sbin:/sbin";

/// How a command that needs root gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BecomeRoot {
    /// It has it.
    Already,
    /// Through a sudo that asks no more questions.
    Sudo,
}

/// A command with every place filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// A name looked up on PATH, or a path.
    pub program: String,
    /// Arguments.
    pub args: Vec<String>,
    /// All variables that it sees.
    pub env: BTreeMap<String, String>,
    /// Working directory.
    pub cwd: Utf8PathBuf,
    /// What it reads.
    pub stdin: Option<String>,
}

impl Resolved {
    /// A command without arguments, in the user's home.
    pub fn new(program: impl Into<String>, cwd: &Utf8Path) -> Self {
        let env = environment::at_home();
        Self { program: program.into(), args: Vec::new(), env, cwd: cwd.to_owned(), stdin: None }
    }

    /// With more arguments.
    #[must_use]
    pub fn args<S: Into<String>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// A command of a plan, whose texts `text` fills in, its variables on top of `variables`.
    pub fn of<E>(
        cmd: &Cmd,
        variables: &BTreeMap<String, String>,
        become_root: BecomeRoot,
        mut text: impl FnMut(&Arg) -> Result<String, E>,
    ) -> Result<Self, E> {
        let Cmd { program, args, env, tuning, cwd, stdin, root, fence: _, weight: _ } = cmd;
        let own = env.iter().chain(tuning).map(|(name, value)| Ok((name.clone(), text(value)?)));
        let own: BTreeMap<String, String> = own.collect::<Result<_, E>>()?;
        let mut resolved = Self {
            program: text(program)?,
            args: args.iter().map(&mut text).collect::<Result<_, E>>()?,
            env: variables.clone(),
            cwd: cwd.as_ref().map_or_else(|| Ok("/".to_owned()), &mut text)?.into(),
            stdin: stdin.clone(),
        };
        match become_root {
            BecomeRoot::Sudo if *root => return Ok(resolved.through_sudo(&own)),
            BecomeRoot::Already if *root => {
                let path = resolved.env.entry("PATH".to_owned()).or_default();
                *path = format!("{path}:{ROOT_PATH}");
            }
            BecomeRoot::Already | BecomeRoot::Sudo => {}
        }
        resolved.env.extend(own);
        Ok(resolved)
    }

    /// sudo drops the environment; `env` puts the command's part of it back.
    fn through_sudo(mut self, own: &BTreeMap<String, String>) -> Self {
        let before = ["-n", "--", "env"].map(str::to_owned).into_iter();
        let before = before.chain(own.iter().map(|(name, value)| format!("{name}={value}")));
        self.args = before.chain([self.program]).chain(self.args).collect();
        Self { program: "sudo".to_owned(), ..self }
    }
}

impl std::fmt::Display for Resolved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.program)?;
        self.args.iter().try_for_each(|arg| write!(f, " {arg}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::shell::Directories;

    #[test]
    fn sudo_gets_the_plan_s_variables_and_nobody_else_is_asked() {
        let resolve = |cmd: &Cmd, become_root| {
            let text = |arg: &Arg| Ok::<_, ()>(Directories::default().text(arg));
            Resolved::of(cmd, &environment::at_home(), become_root, text).unwrap()
        };
        let cmd = Cmd::root("apt-get").arg("update").env("DEBIAN_FRONTEND", "noninteractive");
        let sudo = resolve(&cmd, BecomeRoot::Sudo);
        assert_eq!(sudo.to_string(), "sudo -n -- env DEBIAN_FRONTEND=noninteractive apt-get update");
        assert!(!sudo.env.contains_key("DEBIAN_FRONTEND"));
        assert_eq!(resolve(&Cmd::user("true"), BecomeRoot::Sudo).program, "true");
        assert!(resolve(&cmd, BecomeRoot::Already).env["PATH"].ends_with("/sbin"));
    }
}
