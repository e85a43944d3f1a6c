//! The fence round a backend's own scripts: one path on every machine, and no network.

use crate::environment::SYSTEM_PATH;
use crate::resolved::Resolved;
use camino::{Utf8Path, Utf8PathBuf};
use halt::Run;
use model::script::Network;
use std::process::Command;

/// What a unit's directory is called behind the fence: a directory that every Linux has, and nothing is built in.
pub const INSIDE: &str = "/mnt";
/// The caches, below it.
const CACHES: &str = "cache";

/// In namespaces of their own: the unit's directory and its caches in their places, then the command. A loopback device
/// that is up lets tests speak with their own servers, and reaches nobody else.
const MOUNT: &str = r#"mount --bind "$2" "$1/cache" && mount --rbind "$1" /mnt && cd "$3" || exit 125
if command -v ip >/dev/null; then ip link set lo up 2>/dev/null || :; fi
shift 3
exec "$@""#;

/// What a Mac has for the purpose.
const NO_NETWORK: &str = "(version 1)(allow default)(deny network*)";

/// A directory that is fenced in, with its caches.
#[derive(Debug, Clone)]
pub struct Fence {
    work: Utf8PathBuf,
    caches: Utf8PathBuf,
}

/// No fence can be put up here.
#[derive(Debug, thiserror::Error)]
#[error(
    "this machine gives no namespaces to users, so that nothing keeps a script from its network ({0}): build it with \
     `--realm container`, or let users have them (`sysctl kernel.apparmor_restrict_unprivileged_userns=0` on Ubuntu, \
     `--privileged` or a seccomp profile in a container)"
)]
pub struct NoFence(String);

impl Fence {
    /// Round `work`.
    pub fn new(work: &Utf8Path, caches: &Utf8Path) -> std::io::Result<Self> {
        fs_err::create_dir_all(caches)?;
        fs_err::create_dir_all(work.join(CACHES))?;
        Ok(Self { work: work.to_owned(), caches: caches.to_owned() })
    }

    /// Whether one can be put up here.
    pub fn check(&self) -> Result<(), NoFence> {
        if cfg!(target_os = "macos") {
            return Ok(());
        }
        let fenced = self.round(&Resolved::new("true", &self.work), Network::None);
        let mut command = Command::new(&fenced.program);
        command.args(&fenced.args).env_clear().env("PATH", SYSTEM_PATH).current_dir(&fenced.cwd);
        let output = Run::new(command).output().map_err(|error| NoFence(error.to_string()))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(NoFence(said.lines().next().unwrap_or("`unshare` failed").trim().to_owned()))
    }

    /// The same command behind the fence. Paths of the unit's directory and its caches become those of inside, wherever
    /// they stand.
    pub fn round(&self, cmd: &Resolved, network: Network) -> Resolved {
        if cfg!(target_os = "macos") {
            return sandboxed(cmd, network);
        }
        let inside = |text: &str| self.inside(text);
        let mut args: Vec<String> =
            ["--user", "--map-root-user", "--mount"].into_iter().map(str::to_owned).collect();
        args.extend((network == Network::None).then(|| "--net".to_owned()));
        args.extend(["--", "sh", "-c", MOUNT, "fence"].map(str::to_owned));
        args.extend([self.work.to_string(), self.caches.to_string(), inside(cmd.cwd.as_str())]);
        args.push(inside(&cmd.program));
        args.extend(cmd.args.iter().map(|arg| inside(arg)));
        let mut env = cmd.env.clone();
        for value in env.values_mut() {
            *value = inside(value);
        }
        // It is root there, of itself alone: owners in archives are nobody's.
        env.insert("TAR_OPTIONS".to_owned(), "--no-same-owner".to_owned());
        Resolved { program: "unshare".to_owned(), args, env, cwd: "/".into(), stdin: cmd.stdin.clone() }
    }

    fn inside(&self, text: &str) -> String {
        text.replace(self.caches.as_str(), &format!("{INSIDE}/{CACHES}")).replace(self.work.as_str(), INSIDE)
    }
}

/// A Mac has no namespaces: the command stays where it is, and reaches nothing.
fn sandboxed(cmd: &Resolved, network: Network) -> Resolved {
    if network == Network::Host {
        return cmd.clone();
    }
    let before = ["-p", NO_NETWORK, &cmd.program].map(str::to_owned);
    let args = before.into_iter().chain(cmd.args.iter().cloned()).collect();
    Resolved { program: "/usr/bin/sandbox-exec".to_owned(), args, ..cmd.clone() }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn paths_of_a_build_are_those_of_inside() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let (work, caches) = (dir.join("v1/work"), dir.join("v1/caches"));
        let fence = Fence::new(&work, &caches).unwrap();
        let mut cmd = Resolved::new("make", &work.join("build/x")).args([format!("D={work}/out")]);
        cmd.env = [("CCACHE_DIR".to_owned(), format!("{caches}/ccache"))].into();
        let fenced = fence.round(&cmd, Network::None);
        assert_eq!(fenced.program, "unshare");
        let tail: Vec<&str> = fenced.args.iter().rev().take(3).rev().map(String::as_str).collect();
        assert_eq!(tail, ["/mnt/build/x", "make", "D=/mnt/out"]);
        assert_eq!(fenced.env["CCACHE_DIR"], "/mnt/cache/ccache");
        assert!(fenced.args.contains(&"--net".to_owned()));
        assert!(!fence.round(&cmd, Network::Host).args.contains(&"--net".to_owned()));
    }
}
