//! What git says of a checkout.

use camino::Utf8Path;
use halt::Run;
use model::source::Commit;
use std::process::Command;

/// A commit and when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The commit.
    pub commit: Commit,
    /// Its time, by RFC 3339, in UTC.
    pub time: String,
}

/// A commit of the checkout, the one that is checked out by default; none without git, or where git does not know it.
pub fn commit(root: &Utf8Path, commit: Option<&Commit>) -> Option<Head> {
    let revision = commit.map_or("HEAD", Commit::as_str);
    // The checkout may be somebody else's, as in containers of CI: nothing of it is executed here.
    let mut git = Command::new("git");
    git.arg("-c").arg(format!("safe.directory={root}"));
    git.args(["show", "--no-patch", "--no-show-signature", "--date=format-local:%Y-%m-%dT%H:%M:%SZ"]);
    git.args(["--format=%H %cd", revision]).current_dir(root).env("TZ", "UTC");
    let output = Run::new(git).text()?;
    let (commit, time) = output.split_once(' ')?;
    Some(Head { commit: commit.parse().ok()?, time: time.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_tells_its_time_in_utc() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        assert_eq!(commit(root, None), None, "no repository");
        let git = |args: &[&str]| {
            let identity = ["-c", "user.name=x", "-c", "user.email=x@x", "-c", "commit.gpgsign=false"];
            let mut git = Command::new("git");
            git.args(identity.iter().chain(args)).current_dir(root);
            git.env("GIT_COMMITTER_DATE", "2026-11-22T23:30:00+0200");
            assert!(Run::new(git).output().unwrap().status.success());
        };
        git(&["init", "--quiet"]);
        git(&["commit", "--quiet", "--allow-empty", "--message", "x"]);
        let head = commit(root, None).unwrap();
        assert_eq!(head.time, "2026-11-22T21:30:00Z");
        assert_eq!(commit(root, Some(&head.commit)), Some(head));
        let unknown = "0".repeat(40).parse().unwrap();
        assert_eq!(commit(root, Some(&unknown)), None);
    }
}
