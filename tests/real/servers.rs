//! Servers of the distribution that keep compilers' results for several machines, unpacked rather than installed.

use crate::checkout::{scratch, temporary};
use crate::child::{self, Running, SHORT};
use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::Signal;
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;
use tempfile::TempDir;

#[allow(dead_code, reason = "shared with the tests of containers, which need more of it")]
#[path = "../containers/testbed/debian.rs"]
mod debian;

/// What holds the programs, and the libraries of theirs that no other package brings.
const PACKAGES: [&str; 9] = [
    "redis-server",
    "redis-tools",
    "nginx",
    "liblua5.1-0",
    "lua-bitop",
    "lua-cjson",
    "liblzf1",
    "libjemalloc2",
    "libatomic1",
];
/// Who may speak to Redis.
pub const LOGIN: &str = "builder:s3%40cret";

static PROGRAMS: LazyLock<Utf8PathBuf> = LazyLock::new(|| {
    let root = scratch().join("servers-1");
    if !root.exists() {
        let (_dir, work) = temporary();
        debian::update();
        debian::unpack(&PACKAGES, &work.join("archives"), &work.join("root"));
        // Another test run may have been faster.
        let _ = fs_err::rename(work.join("root"), &root);
    }
    root
});

/// A server that is running, or was stopped.
pub struct Server {
    running: Option<Running>,
    program: &'static str,
    ready: &'static str,
    args: Vec<String>,
    pub port: u16,
    dir: Utf8PathBuf,
    _dir: TempDir,
}

impl Server {
    /// A Redis that wants a name and a password.
    pub fn redis() -> Self {
        let config = |port: u16, dir: &Utf8Path| {
            format!(
                "port {port}\nbind 127.0.0.1\nsave \"\"\ndir {dir}\nuser default off\nuser builder on >s3@cret ~* +@all\n"
            )
        };
        Self::start("usr/bin/redis-server", "Ready to accept connections", config, &[])
    }

    /// nginx that takes files and gives them back.
    pub fn http() -> Self {
        let config = |port: u16, dir: &Utf8Path| {
            format!(
                "daemon off;\npid {dir}/pid;\nerror_log stderr notice;\nevents {{}}\nhttp {{\n  access_log off;\n  \
                 client_body_temp_path {dir}/body;\n  proxy_temp_path {dir}/t;\n  fastcgi_temp_path {dir}/t;\n  \
                 uwsgi_temp_path {dir}/t;\n  scgi_temp_path {dir}/t;\n  client_max_body_size 0;\n  server {{\n    \
                 listen 127.0.0.1:{port};\n    root {dir}/files;\n    location / {{\n      dav_methods PUT DELETE;\n      \
                 create_full_put_path on;\n    }}\n  }}\n}}\nuser root;\n"
            )
        };
        Self::start("usr/sbin/nginx", "start worker processes", config, &["-e", "stderr", "-c"])
    }

    fn start(
        program: &'static str,
        ready: &'static str,
        config: impl Fn(u16, &Utf8Path) -> String,
        before: &[&str],
    ) -> Self {
        let (kept, dir) = temporary();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let file = dir.join("config");
        fs_err::write(&file, config(port, &dir)).unwrap();
        let args = before.iter().map(|arg| (*arg).to_owned()).chain([file.into_string()]).collect();
        let mut server = Self { running: None, program, ready, args, port, dir, _dir: kept };
        server.restart();
        server
    }

    /// Starts it, again if it was stopped, and waits until it is ready. Redis has forgotten all by then.
    pub fn restart(&mut self) {
        let libraries = PROGRAMS.join("usr/lib").join(format!("{}-linux-gnu", std::env::consts::ARCH));
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$0\" \"$@\" >&2"]).arg(PROGRAMS.join(self.program)).args(&self.args);
        command.env("LD_LIBRARY_PATH", libraries).current_dir(&self.dir);
        let mut running = child::start(command, Duration::from_mins(10));
        running.until(self.ready);
        self.running = Some(running);
    }

    /// Ends it.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// Lets it listen and say nothing.
    pub fn freeze(&self) {
        self.running.as_ref().unwrap().signal(Signal::STOP);
    }

    /// The opposite.
    pub fn thaw(&self) {
        self.running.as_ref().unwrap().signal(Signal::CONT);
    }

    /// How many results Redis has.
    pub fn count(&self) -> u32 {
        let mut command = Command::new(PROGRAMS.join("usr/bin/redis-cli"));
        command
            .args(["-p", &self.port.to_string(), "--user", "builder", "dbsize"])
            .env("REDISCLI_AUTH", "s3@cret");
        let libraries = PROGRAMS.join("usr/lib").join(format!("{}-linux-gnu", std::env::consts::ARCH));
        command.env("LD_LIBRARY_PATH", libraries);
        child::run(command, SHORT).expect(0).out.trim().trim_start_matches("(integer) ").parse().unwrap()
    }
}
