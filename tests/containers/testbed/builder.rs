//! An empty BuildKit and the docker configuration that names it: what a fresh CI runner has.

use super::base_image;
use super::daemon::Daemon;
use super::tools::Tools;
use crate::checkout::temporary;
use crate::child::{self, LONG, Run, SHORT};
use camino::{Utf8Path, Utf8PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A running builder. Its state and process go with the value.
pub struct Builder {
    work: Utf8PathBuf,
    _daemon: Daemon,
    _socket: TempDir,
    _dir: TempDir,
}

/// Everything happens in name spaces of its own: when the first process ends, so do its containers and mounts.
const UNSHARE: [&str; 5] = ["--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"];

/// With memory to spare, builds go there: a disk takes half a minute to delete a tree of small files.
const START: &str = r#"
root=$1
if [ "$(awk '/^MemAvailable/ {print int($2 / 1048576)}' /proc/meminfo)" -ge 8 ]; then
  mount -t tmpfs -o size=8g builder "$root"
fi
exec buildkitd --root "$root" --config "$2" --addr "unix://$3"
"#;

impl Builder {
    /// An empty builder, to which `debian:bookworm-slim` is the debootstrapped image.
    pub fn fresh() -> Self {
        Self::with_mirror(base_image::registry().address())
    }

    /// An empty builder whose Docker Hub is another registry.
    pub fn with_mirror(mirror: &str) -> Self {
        let (dir, work) = temporary();
        // The path of a socket must be short.
        let socket_dir = TempDir::with_prefix("bed-").unwrap();
        let socket = Utf8Path::from_path(socket_dir.path()).unwrap().join("sock");
        let (root, config) = (work.join("root"), work.join("buildkitd.toml"));
        fs_err::create_dir_all(&root).unwrap();
        fs_err::write(&config, configuration(mirror)).unwrap();
        let mut command = Command::new("unshare");
        command.args(UNSHARE).args(["sh", "-eu", "-c", START, "sh"]);
        command.args([root.as_str(), config.as_str(), socket.as_str()]).env("PATH", path());
        let (daemon, _) = Daemon::start(&command, "running server on", &work.join("buildkitd.log"));
        let builder = Self { work, _daemon: daemon, _socket: socket_dir, _dir: dir };
        let plugins = builder.config().join("cli-plugins");
        fs_err::create_dir_all(&plugins).unwrap();
        fs_err::os::unix::fs::symlink(Tools::get().buildx(), plugins.join("docker-buildx")).unwrap();
        let address = format!("unix://{socket}");
        builder
            .docker(&["buildx", "create", "--name", "bed", "--use", "--driver", "remote", &address])
            .expect(0);
        builder
    }

    /// The directory of `config.json`, for credentials.
    pub fn config(&self) -> Utf8PathBuf {
        self.work.join("docker")
    }

    /// Makes a command see this builder, and no other Docker.
    pub fn lend_to(&self, command: &mut Command) {
        command.env("PATH", path()).env("DOCKER_CONFIG", self.config());
        for name in ["DOCKER_HOST", "DOCKER_CONTEXT", "BUILDX_BUILDER", "BUILDX_CONFIG"] {
            command.env_remove(name);
        }
    }

    /// Runs `docker`.
    #[track_caller]
    pub fn docker(&self, args: &[&str]) -> Run {
        let mut command = Command::new(Tools::get().bin().join("docker"));
        command.args(args);
        self.lend_to(&mut command);
        child::run(command, if args.contains(&"build") || args.contains(&"bake") { LONG } else { SHORT })
    }
}

/// The programs of the test bed before all others.
fn path() -> String {
    let own = Tools::get().bin();
    std::env::var("PATH").map_or_else(|_| own.to_string(), |path| format!("{own}:{path}"))
}

/// Containers use the host's network, as package registries may be reachable through loopback; nothing is pruned.
fn configuration(mirror: &str) -> String {
    format!(
        "insecure-entitlements = [\"network.host\"]\n\
         [worker.oci]\n  enabled = true\n  gc = false\n  snapshotter = \"overlayfs\"\n  networkMode = \"host\"\n\
         [worker.containerd]\n  enabled = false\n\
         [registry.\"docker.io\"]\n  mirrors = [\"{mirror}\"]\n\
         [registry.\"{mirror}\"]\n  http = true\n"
    )
}
