//! A bare repository in the cache, and the fetch of one commit into it.

use super::{HINT, isolated, quiet};
use crate::error::MirrorError;
use crate::io_error::IoError;
use crate::patience::Transfer;
use crate::run::{capture, download, failed};
use camino::Utf8PathBuf;
use halt::Run;
use model::source::Commit;
use std::process::{Command, Output};
use transfer::redact;

/// A bare repository that only we write.
pub(crate) struct Repository {
    dir: Utf8PathBuf,
    transfer: Transfer,
    offline: bool,
}

impl Repository {
    /// Opens it, or makes it.
    pub(crate) fn open(dir: Utf8PathBuf, transfer: Transfer, offline: bool) -> Result<Self, MirrorError> {
        let repository = Self { dir, transfer, offline };
        if !repository.dir.join("HEAD").is_file() {
            std::fs::create_dir_all(&repository.dir)
                .map_err(|e| IoError::new("making the directory", &repository.dir, e))?;
            // No template: a template may carry hooks.
            repository.run(&["init", "--quiet", "--bare", "--template=", "."])?;
        }
        Ok(repository)
    }

    /// Is the commit here, whole?
    pub(crate) fn has(&self, commit: &Commit) -> bool {
        self.run(&[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &format!("{}^{{tree}}", reference(commit)),
        ])
        .is_ok()
    }

    /// Fetches exactly `commit` from `url`. Servers that give out no unadvertised commits are asked for all they have.
    pub(crate) fn fetch(&self, url: &str, commit: &Commit) -> Result<(), MirrorError> {
        if self.has(commit) {
            return Ok(());
        }
        refuse_programs(url)?;
        if self.offline && !is_local(url) {
            return Err(MirrorError::Offline);
        }
        let exact = self.from(url, &["--depth=1"], &[&format!("{commit}:{}", reference(commit))])?;
        if !exact.status.success() {
            let all =
                self.from(url, &[], &["+refs/heads/*:refs/remotes/any/*", "+refs/tags/*:refs/tags/*"])?;
            if !all.status.success() {
                return Err(failed("git fetch", &exact));
            }
            self.run(&["update-ref", &reference(commit), commit.as_str()]).map_err(|_| {
                MirrorError::Unusable(format!(
                    "it has no commit {commit}, and its branches and tags do not reach it"
                ))
            })?;
        }
        self.run(&["rev-parse", "--verify", "--end-of-options", &format!("{commit}^{{commit}}")])?;
        Ok(())
    }

    /// The commit that `tag` of the repository at `url` leads to; offline, the one that it led to last time.
    pub(crate) fn tagged(&self, url: &str, tag: &str) -> Result<Commit, MirrorError> {
        let known = format!("refs/tagged/{tag}");
        if self.offline && !is_local(url) {
            let commit = self.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &known]);
            return commit.map_err(|_| MirrorError::Offline).and_then(|text| commit_in(&text));
        }
        let name = format!("refs/tags/{tag}");
        let listing = ls_remote(url, &[&name, &format!("{name}^{{}}")], &self.transfer)?;
        // An annotated tag is listed twice, the commit that it wraps last.
        let line =
            listing.lines().last().ok_or_else(|| MirrorError::Unusable(format!("it has no tag {tag}")))?;
        let commit = commit_in(line.as_bytes())?;
        self.fetch(url, &commit)?;
        self.run(&["update-ref", &known, commit.as_str()])?;
        Ok(commit)
    }

    fn from(&self, url: &str, options: &[&str], refs: &[&str]) -> Result<Output, MirrorError> {
        let stall = self.transfer.stall.as_secs().max(1);
        let mut args: Vec<String> = vec!["-c".into(), "core.hooksPath=/dev/null".into()];
        args.extend(["-c".into(), "protocol.ext.allow=never".into()]);
        args.extend([
            "-c".into(),
            "http.lowSpeedLimit=1".into(),
            "-c".into(),
            format!("http.lowSpeedTime={stall}"),
        ]);
        args.extend(
            [
                "fetch",
                "--quiet",
                "--no-tags",
                "--no-write-fetch-head",
                "--no-recurse-submodules",
                "--no-auto-maintenance",
            ]
            .map(Into::into),
        );
        args.extend(options.iter().map(|&o| o.to_owned()));
        args.push("--".into());
        args.push(url.to_owned());
        args.extend(refs.iter().map(|&r| r.to_owned()));
        let mut command = Command::new("git");
        command.args(args).current_dir(&self.dir);
        let mut command = if is_local(url) { isolated(command) } else { quiet(command) };
        command.env("GIT_DIR", &self.dir);
        if std::env::var_os("GIT_SSH_COMMAND").is_none() {
            let connect = self.transfer.connect.as_secs().max(1);
            let ssh = format!("ssh -oBatchMode=yes -oConnectTimeout={connect} -oServerAliveInterval={stall}");
            command.env("GIT_SSH_COMMAND", ssh);
        }
        download("git", HINT, command, self.transfer.program, &self.dir)
    }

    /// Runs a git command on this repository alone.
    pub(crate) fn run(&self, args: &[&str]) -> Result<Vec<u8>, MirrorError> {
        capture("git", HINT, Run::new(self.command(args)), self.transfer.program).map(|output| output.stdout)
    }

    /// A git command on this repository alone.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.args(args).current_dir(&self.dir);
        let mut command = isolated(command);
        command.env("GIT_DIR", &self.dir);
        command
    }
}

fn commit_in(text: &[u8]) -> Result<Commit, MirrorError> {
    let text = String::from_utf8_lossy(text);
    let word = text.split_whitespace().next().unwrap_or_default();
    word.parse().map_err(|error| MirrorError::Unusable(format!("{error}")))
}

/// The references of `url` that match, one `<object> <name>` a line.
pub(crate) fn ls_remote(url: &str, refs: &[&str], transfer: &Transfer) -> Result<String, MirrorError> {
    refuse_programs(url)?;
    let stall = format!("http.lowSpeedTime={}", transfer.stall.as_secs().max(1));
    let mut args = vec!["-c", "http.lowSpeedLimit=1", "-c", &stall, "-c", "protocol.ext.allow=never"];
    args.extend(["ls-remote", "--quiet", "--", url]);
    args.extend(refs);
    let mut command = Command::new("git");
    command.args(args);
    let command = if is_local(url) { isolated(command) } else { quiet(command) };
    let output = capture("git", HINT, Run::new(command), transfer.program)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// `ext::sh -c …` and `--upload-pack=…` would run what a manifest or a submodule says.
fn refuse_programs(url: &str) -> Result<(), MirrorError> {
    if url.starts_with('-') || url.contains("::") {
        return Err(MirrorError::Unusable(format!("`{}` is no URL that is fetched from", redact(url))));
    }
    Ok(())
}

/// Is `url` a repository on this machine?
pub(super) fn is_local(url: &str) -> bool {
    url.starts_with('/') || url.starts_with("file:")
}

/// Keeps a fetched commit from being collected.
fn reference(commit: &Commit) -> String {
    format!("refs/pins/{commit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_run_programs_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let dir = Utf8PathBuf::from_path_buf(directory.path().join("r.git")).unwrap();
        let repository = Repository::open(dir, Transfer::default(), false).unwrap();
        let commit: Commit = "0".repeat(40).parse().unwrap();
        for url in ["--upload-pack=touch /tmp/x", "ext::sh -c x", "fd::1"] {
            let error = repository.fetch(url, &commit).unwrap_err();
            assert!(matches!(error, MirrorError::Unusable(_)), "{error}");
        }
    }
}
