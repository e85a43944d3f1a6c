//! Starts the package that this program stands in.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

const NOTHING_TO_START: u8 = 127;
const CANNOT_START: u8 = 126;

fn main() -> ExitCode {
    let mut args = env::args_os();
    let argv0 = args.next();
    let located = match launcher::locate(argv0.as_deref()) {
        Ok(located) => located,
        Err(reason) => return fail(NOTHING_TO_START, &reason),
    };
    let launch = match launcher::parse(&located.text) {
        Ok(launch) => launch,
        Err(error) => {
            let file = located.package.join(launcher::LAUNCH_FILE);
            return fail(NOTHING_TO_START, &format!("{}: {error}", file.display()));
        }
    };
    match launcher::plan(&launch, &located.package, args.collect(), |name| env::var_os(name)) {
        Ok(invocation) => {
            let error = Command::new(&invocation.file).args(&invocation.args).envs(invocation.env).exec();
            fail(CANNOT_START, &format!("cannot start {}: {error}", invocation.file.display()))
        }
        Err(error) => fail(NOTHING_TO_START, &error.to_string()),
    }
}

fn fail(code: u8, reason: &str) -> ExitCode {
    eprintln!("run: {reason}");
    ExitCode::from(code)
}
