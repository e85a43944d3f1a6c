//! The first program of the root image: `entry [ARGUMENT…]` becomes the packaged backend that is mounted at or copied
//! into the image, `entry health CALL ANSWER` asks the one that runs for its health: with that call of gRPC, whose answer
//! must say that in its first field.
//!
//! It becomes the backend rather than starting it: signals then reach the backend without a go-between. The first
//! process of a container gets no default action for a signal, so a backend must handle SIGTERM itself, as all do here.

mod address;
mod choose;
mod frame;
mod health;

use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Where packages are mounted or copied, each in a directory of its own.
const BACKENDS: &str = "/backends";

/// Docker stops asking after ten seconds.
const PATIENCE: Duration = Duration::from_secs(8);

const NOTHING_TO_START: u8 = 127;
const CANNOT_START: u8 = 126;

fn main() -> ExitCode {
    let args: Vec<OsString> = env::args_os().skip(1).collect();
    match args.as_slice() {
        [word, call, ready] if word == "health" => match (call.to_str(), ready.to_str()) {
            (Some(call), Some(ready)) => ask(call, ready),
            _ => fail(1, "the call and its answer are UTF-8"),
        },
        _ => start(args),
    }
}

fn start(args: Vec<OsString>) -> ExitCode {
    let program = match choose::program(Path::new(BACKENDS), |name| env::var_os(name)) {
        Ok(program) => program,
        Err(reason) => return fail(NOTHING_TO_START, &reason),
    };
    let mut command = Command::new(&program);
    if !address::is_given(&args) {
        command.arg("--addr").arg(address::of_environment(|name| env::var(name).ok()));
    }
    let error = command.args(args).exec();
    fail(CANNOT_START, &format!("cannot start {}: {error}", program.display()))
}

fn ask(call: &str, ready: &str) -> ExitCode {
    let first = std::fs::read("/proc/1/cmdline").unwrap_or_default();
    let address = address::of_command_line(&first)
        .unwrap_or_else(|| address::of_environment(|name| env::var(name).ok()));
    let token = env::var("LOCALAI_GRPC_AUTH_TOKEN").ok().filter(|token| !token.is_empty());
    let call = health::Call { path: call, ready, token: token.as_deref() };
    match call.ask(&address, PATIENCE) {
        Ok(()) => {
            println!("a backend serves at {address}");
            ExitCode::SUCCESS
        }
        Err(reason) => fail(1, &format!("{address}: {reason}")),
    }
}

fn fail(code: u8, reason: &str) -> ExitCode {
    eprintln!("entry: {reason}");
    ExitCode::from(code)
}
