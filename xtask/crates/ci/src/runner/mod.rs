//! The machine that CI lends for a job, and what may be done to it that nobody would want done to a laptop.

mod disk;
mod free;

pub use disk::{DATA, DiskError, Docker, disk, temporary};
pub use free::{DIRECTORIES, free, removable};

use plan::cmd::Cmd;

/// What is captured of the environment to know the machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Runner {
    /// `GITHUB_ACTIONS` is set.
    pub actions: bool,
    /// `RUNNER_ENVIRONMENT`: `github-hosted` or `self-hosted`.
    pub environment: Option<String>,
    /// `RUNNER_OS`: `Linux`, `macOS` or `Windows`.
    pub os: Option<String>,
    /// `RUNNER_ARCH`: `X64`, `ARM64` and others.
    pub arch: Option<String>,
}

/// What is done to a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing, and why.
    Leave(String),
    /// These commands, in order.
    Run(Vec<Cmd>),
}

impl Runner {
    /// Why this is not a Linux machine that GitHub made for one job and throws away; none if it is one.
    pub fn objection(&self) -> Option<String> {
        let is = |value: &Option<String>, wanted: &str| value.as_deref() == Some(wanted);
        if !self.actions || !is(&self.environment, "github-hosted") {
            return Some(
                "this is no hosted runner of GitHub (RUNNER_ENVIRONMENT is not github-hosted)".to_owned(),
            );
        }
        let os = self.os.as_deref().unwrap_or("unknown");
        (os != "Linux").then(|| format!("this runner's system is {os}, not Linux"))
    }
}

#[cfg(test)]
pub(crate) fn hosted() -> Runner {
    let text = |text: &str| Some(text.to_owned());
    Runner { actions: true, environment: text("github-hosted"), os: text("Linux"), arch: text("X64") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_hosted_linux_runner_is_nobody_s_own_machine() {
        assert_eq!(hosted().objection(), None);
        let text = |text: &str| Some(text.to_owned());
        let others = [
            Runner::default(),
            Runner { actions: false, ..hosted() },
            Runner { environment: None, ..hosted() },
            Runner { environment: text("self-hosted"), ..hosted() },
            Runner { environment: text(""), ..hosted() },
            Runner { os: text("macOS"), ..hosted() },
            Runner { os: None, ..hosted() },
        ];
        for other in others {
            assert!(other.objection().is_some(), "{other:?}");
        }
    }
}
