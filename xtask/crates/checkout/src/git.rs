//! The program git, asked about one checkout: no shell, no prompts, nothing of the user's settings that could change an
//! answer or start a program.

use camino::Utf8Path;
use halt::{ChildError, Run};
use std::process::{Command, Output};

/// Settings that hold for every call.
const SETTINGS: [&str; 6] = [
    "core.quotePath=false",
    "core.fsmonitor=false",
    "core.pager=cat",
    "color.ui=false",
    // A host that answers nothing.
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=20",
];
/// Variables that would name another repository, index or way to compare.
const FORGOTTEN: [&str; 12] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_LITERAL_PATHSPECS",
];

/// Git did not answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// It could not be run.
    #[error("cannot run git: {0}; is it installed? `cargo xtask install-base-deps` does that")]
    Run(ChildError),
    /// It failed.
    #[error("`git {what}` failed: {detail}")]
    Failed {
        /// Its arguments.
        what: String,
        /// What it said.
        detail: String,
    },
}

/// Git in one checkout.
#[derive(Debug, Clone, Copy)]
pub struct Git<'a> {
    root: &'a Utf8Path,
    offline: bool,
}

impl<'a> Git<'a> {
    /// For the checkout at `root`, which may be a directory within its repository.
    pub fn new(root: &'a Utf8Path, offline: bool) -> Self {
        Self { root, offline }
    }

    /// Whether no network may be used.
    pub fn is_offline(self) -> bool {
        self.offline
    }

    fn command(self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.args(["--no-optional-locks", "--literal-pathspecs"]);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        // The checkout may be somebody else's, as in containers of CI: nothing of it is executed here.
        command.arg("-c").arg(format!("safe.directory={}", repository(self.root)));
        command.args(args).current_dir(self.root).env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
        for name in FORGOTTEN {
            command.env_remove(name);
        }
        if self.offline {
            command.env("GIT_NO_LAZY_FETCH", "1");
        }
        command
    }

    /// Runs git to its end, however that is.
    pub fn attempt(self, args: &[&str]) -> Result<Output, GitError> {
        Run::new(self.command(args)).output().map_err(GitError::Run)
    }

    /// What git prints.
    pub fn output(self, args: &[&str]) -> Result<Vec<u8>, GitError> {
        let output = self.attempt(args)?;
        if output.status.success() { Ok(output.stdout) } else { Err(failed(args, &output)) }
    }

    /// What git prints, as one word; none if it fails, as it does where there is no such thing.
    pub fn word(self, args: &[&str]) -> Result<Option<String>, GitError> {
        let output = self.attempt(args)?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok((output.status.success() && !text.is_empty()).then_some(text))
    }

    /// The contents of objects, in their order.
    pub fn contents(self, ids: &[&str]) -> Result<Vec<Vec<u8>>, GitError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let args = ["cat-file", "--batch"];
        let asked = ids.join("\n") + "\n";
        let output = Run::new(self.command(&args)).input(asked).output().map_err(GitError::Run)?;
        if !output.status.success() {
            return Err(failed(&args, &output));
        }
        split(&output.stdout, ids)
    }
}

/// The answers of `cat-file --batch`: `<id> <type> <size>`, the bytes, a newline.
fn split(mut rest: &[u8], ids: &[&str]) -> Result<Vec<Vec<u8>>, GitError> {
    let wrong = |id: &str| GitError::Failed {
        what: "cat-file --batch".to_owned(),
        detail: format!("it has no object {id}"),
    };
    let mut contents = Vec::with_capacity(ids.len());
    for id in ids {
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(|| wrong(id))?;
        let head = String::from_utf8_lossy(&rest[..end]);
        let size = head.split(' ').nth(2).and_then(|size| size.parse::<usize>().ok());
        let size = size.filter(|size| rest.len() > end + 1 + size).ok_or_else(|| wrong(id))?;
        contents.push(rest[end + 1..end + 1 + size].to_vec());
        rest = &rest[end + 2 + size..];
    }
    Ok(contents)
}

/// The directory that git means by "this repository": the nearest one with a `.git`.
fn repository(root: &Utf8Path) -> &Utf8Path {
    root.ancestors().find(|dir| dir.join(".git").exists()).unwrap_or(root)
}

fn failed(args: &[&str], output: &Output) -> GitError {
    let text = String::from_utf8_lossy(&output.stderr);
    let detail = match text.trim() {
        "" => output.status.to_string(),
        text => text.lines().last().unwrap_or(text).to_owned(),
    };
    GitError::Failed { what: args.join(" "), detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart_by_their_sizes() {
        let output = b"aa blob 3\na\nb\nbb blob 0\n\ncc blob 1\n\0\n";
        assert_eq!(split(output, &["aa", "bb", "cc"]).unwrap(), [&b"a\nb"[..], b"", b"\0"]);
        for broken in [&b"aa missing\n"[..], b"aa blob 9\nx\n", b"", b"aa blob 1\n"] {
            assert!(split(broken, &["aa"]).is_err(), "{broken:?}");
        }
    }
}
