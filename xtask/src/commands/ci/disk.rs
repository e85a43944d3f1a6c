//! `ci free-disk` and `ci setup-disk`: room on hosted runners.

use crate::cli::RunnerOptions;
use crate::exit::Done;
use anyhow::Result;
use camino::Utf8Path;
use ci::runner::{self, DIRECTORIES, Docker, Runner, Verdict, removable, temporary};
use drive::error::Coded;
use drive::session::Session;
use plan::cmd::Cmd;
use plan::shell::{Directories, line};
use std::os::unix::fs::MetadataExt;

const GIB: u64 = 1 << 30;

/// The machine, as its environment tells it.
fn captured() -> Runner {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Runner {
        actions: var("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
        environment: var("RUNNER_ENVIRONMENT"),
        os: var("RUNNER_OS"),
        arch: var("RUNNER_ARCH"),
    }
}

/// Removes what nothing needs.
pub fn free(session: &Session, options: RunnerOptions) -> Result<Done> {
    let directories: Vec<&str> = DIRECTORIES.into_iter().filter(|dir| Utf8Path::new(dir).is_dir()).collect();
    let runner = captured();
    let installed = if options.dry_run || runner.objection().is_none() { installed() } else { String::new() };
    let packages = removable(&installed);
    if options.dry_run {
        for dir in &directories {
            session.ui.line(format_args!("{:>6.1} GiB  {dir}", gib(size(Utf8Path::new(dir)))));
        }
        for package in &packages {
            session.ui.line(format_args!("   package  {package}"));
        }
    }
    let docker = is_there("docker");
    match runner::free(&runner, &directories, &packages, docker) {
        Verdict::Leave(why) => session.ui.done(&format!("nothing to do: {why}")),
        Verdict::Run(cmds) if options.dry_run => show(session, &cmds),
        Verdict::Run(cmds) => {
            let before = exec::disk::free_bytes(Utf8Path::new("/"))?;
            for cmd in &cmds {
                // Room that was not gained is no reason to stop: there may be enough.
                if let Err(error) = carry_out(session, cmd) {
                    session.ui.warn(&format!("{}: {error}", line(cmd, &Directories::default())));
                }
            }
            let after = exec::disk::free_bytes(Utf8Path::new("/"))?;
            let (before, after) = (gib(before), gib(after));
            session.ui.done(&format!("{after:.1} GiB are free, {:.1} more than before", after - before));
        }
    }
    Ok(Done::Well)
}

/// Moves Docker's data.
pub fn set_up(session: &Session, options: RunnerOptions) -> Result<Done> {
    let configuration = fs_err::read_to_string("/etc/docker/daemon.json").ok();
    let docker = Docker {
        configuration: configuration.as_deref(),
        other_disk: other_disk(),
        installed: is_there("dockerd") || is_there("docker"),
    };
    let verdict = runner::disk(&captured(), docker).map_err(|error| Coded::Usage(error.to_string()))?;
    match verdict {
        Verdict::Leave(why) => session.ui.done(&format!("nothing to do: {why}")),
        Verdict::Run(cmds) if options.dry_run => show(session, &cmds),
        Verdict::Run(cmds) => {
            for cmd in &cmds {
                carry_out(session, cmd)?;
            }
            let (name, value) = temporary();
            ui::github::tell("GITHUB_ENV", &format!("{name}={value}\n"))?;
            let free = gib(exec::disk::free_bytes(Utf8Path::new(runner::DATA))?);
            session.ui.done(&format!("Docker's data is in {}: {free:.1} GiB are free there", runner::DATA));
        }
    }
    Ok(Done::Well)
}

fn show(session: &Session, cmds: &[Cmd]) {
    for cmd in cmds {
        session.ui.line(format_args!("{}", line(cmd, &Directories::default())));
    }
    session.ui.done(&format!("{} commands would be run", cmds.len()));
}

fn carry_out(session: &Session, cmd: &Cmd) -> Result<()> {
    let log = session.root.join("target/runner.log");
    fs_err::create_dir_all(session.root.join("target"))?;
    session.ui.detail(&line(cmd, &Directories::default()));
    Ok(exec::install::run_cmd(cmd, session.host.privilege, &log, |line| session.ui.detail(line))?)
}

/// Names of the installed packages, one a line; none where there is no dpkg.
fn installed() -> String {
    let mut query = std::process::Command::new("dpkg-query");
    query.args(["--show", "--showformat=${Package}\\n"]);
    halt::Run::new(query)
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default()
}

fn is_there(program: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default();
    path.split(':').chain(["/usr/sbin"]).any(|dir| Utf8Path::new(dir).join(program).is_file())
}

fn other_disk() -> bool {
    let device = |path: &str| fs_err::metadata(path).ok().map(|metadata| metadata.dev());
    device("/mnt").is_some_and(|mnt| Some(mnt) != device("/"))
}

/// Bytes on disk below a directory, of its own file system.
fn size(dir: &Utf8Path) -> u64 {
    let files = walkdir::WalkDir::new(dir).same_file_system(true).into_iter().flatten();
    files.filter_map(|entry| Some(entry.metadata().ok()?.blocks() * 512)).sum()
}

#[allow(clippy::cast_precision_loss, reason = "one digit is shown")]
fn gib(bytes: u64) -> f64 {
    bytes as f64 / GIB as f64
}
