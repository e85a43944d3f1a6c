//! Resolves Python requirements with uv.

use crate::environment::Sealed;
use crate::programs::Programs;
use camino::{Utf8Path, Utf8PathBuf};
use halt::{ChildError, Run};
use plan::floating::Asked;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

/// An index that answers at all answers within this.
const LIMIT: Duration = Duration::from_mins(2);
/// How much of uv's complaint is repeated.
const TAIL: usize = 3;

/// The program uv.
#[derive(Debug, Clone)]
pub struct Uv {
    program: Utf8PathBuf,
    environment: BTreeMap<String, String>,
}

/// Requirements could not be resolved.
#[derive(Debug, thiserror::Error)]
pub enum UvError {
    /// It is not installed.
    #[error(
        "uv is not on PATH; `cargo xtask install-base-deps --backend NAME` for a Python backend installs it"
    )]
    Missing,
    /// It cannot be run to its end.
    #[error("cannot run {program}: {error}")]
    Run {
        /// The program.
        program: Utf8PathBuf,
        /// Why not.
        error: ChildError,
    },
    /// It says that it cannot be done.
    #[error("uv cannot resolve the requirements: {0}")]
    Failed(String),
}

impl Uv {
    /// The uv that builds run, in the environment that they run it in; what it downloads goes into a cache directory.
    pub fn new(programs: &Programs, sealed: &Sealed, cache: &Utf8Path) -> Result<Self, UvError> {
        let program = programs.find("uv").ok_or(UvError::Missing)?.path;
        let mut environment = sealed.variables().clone();
        environment.insert("UV_NO_PROGRESS".to_owned(), "1".to_owned());
        environment.insert("UV_CACHE_DIR".to_owned(), cache.to_string());
        Ok(Self { program, environment })
    }

    /// The lock that requirements come to now.
    pub fn resolve(&self, asked: &Asked, root: &Utf8Path) -> Result<String, UvError> {
        let mut command = Command::new(&self.program);
        command.args(&asked.args).current_dir(root).env_clear().envs(&self.environment);
        let output = Run::new(command).limit(LIMIT).input(asked.input.as_bytes()).output();
        let output = output.map_err(|error| UvError::Run { program: self.program.clone(), error })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        Err(UvError::Failed(lines[lines.len().saturating_sub(TAIL)..].join(" ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn uv(dir: &Utf8Path, script: &str) -> Uv {
        let program = dir.join("uv");
        fs_err::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs_err::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        let sealed = Sealed::new(&dir.join("home"), &dir.join("programs"), |_| None);
        Uv::new(&Programs::new(dir, dir), &sealed, &dir.join("cache")).unwrap()
    }

    #[test]
    fn prints_the_lock_or_says_why_not() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let asked = Asked { args: vec!["pip".to_owned(), "a b".to_owned()], input: "six\n".to_owned() };
        let said = uv(dir, "printf '%s,' \"$@\"; echo \"$UV_PYTHON_DOWNLOADS in $PWD\"; cat")
            .resolve(&asked, dir)
            .unwrap();
        assert_eq!(said, format!("pip,a b,never in {dir}\nsix\n"));
        let failing = uv(dir, "echo one >&2; echo '  × No solution' >&2; exit 1");
        let error = failing.resolve(&asked, dir).unwrap_err();
        assert_eq!(error.to_string(), "uv cannot resolve the requirements: one × No solution");
    }
}
