//! A backend as a child process: started as LocalAI starts it, in a group of its own, heard, and always stopped.

use std::ffi::OsString;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, geteuid, kill_process, kill_process_group};
use tokio::io::{AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use crate::lines::each_line;
use crate::{Error, Launch, Result, Tail};

/// What starts a package.
const PROGRAM: &str = "run.sh";
/// A program that has ended leaves its output behind; only a grandchild can keep the pipe open for longer.
const DRAIN: Duration = Duration::from_millis(500);

/// How a backend was stopped.
#[derive(Clone, Copy, Debug)]
pub struct Stopped {
    /// Its exit status.
    pub status: ExitStatus,
    /// It ignored SIGTERM and had to be killed.
    pub killed: bool,
}

impl Stopped {
    /// It left by itself, in time and with status 0.
    pub fn is_clean(&self) -> bool {
        self.status.success() && !self.killed
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.killed {
            return f.write_str(
                "the backend did not end in time after SIGTERM and was killed; it should end what it does and leave",
            );
        }
        write!(f, "the backend ended with {} after SIGTERM; it should end with status 0", self.status)
    }
}

/// A running package. Dropping it kills the whole process group.
pub(crate) struct Process {
    program: PathBuf,
    address: SocketAddr,
    child: Child,
    /// None once the group is gone.
    group: Option<Pid>,
    log: Tail,
    readers: JoinSet<()>,
}

impl Process {
    /// Starts a package, told to listen on a port that is free now.
    pub(crate) fn spawn(launch: &Launch) -> Result<Self> {
        let program = launch.package.join(PROGRAM);
        if !program.is_file() {
            return Err(Error::NoPackage(launch.package.clone()));
        }
        // A relative program would be looked for from the package on.
        let program = std::path::absolute(&program).unwrap_or(program);
        let fail = |error| Error::Spawn { program: program.clone(), error };
        let address = free_address().map_err(fail)?;
        let mut words = command_line(launch, &program).into_iter();
        let mut child = Command::new(words.next().unwrap_or_default())
            .args(words)
            .args(["--addr", &address.to_string()])
            .envs(launch.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&launch.package)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(fail)?;
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let log = Tail::default();
        let mut readers = JoinSet::new();
        let mut hear = |output: Box<dyn AsyncRead + Send + Unpin>| {
            let (log, echo) = (log.clone(), launch.echo);
            readers.spawn(each_line(BufReader::new(output), move |line| record(&log, echo, line)));
        };
        child.stdout.take().into_iter().for_each(|out| hear(Box::new(out)));
        child.stderr.take().into_iter().for_each(|err| hear(Box::new(err)));
        Ok(Self { program, address, child, group, log, readers })
    }

    /// Where it was told to listen.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it printed so far.
    pub(crate) fn log(&self) -> Tail {
        self.log.clone()
    }

    /// The group of its processes; none once that is gone.
    pub(crate) fn group(&self) -> Option<Pid> {
        self.group
    }

    /// Resolves when the program ends before it should, with the error that says so.
    pub(crate) async fn death(&mut self) -> Error {
        let ended = self.child.wait().await;
        self.drain().await;
        match ended {
            Ok(status) => Error::Died { program: self.program.clone(), status, log: self.log() },
            Err(error) => Error::Lost { program: self.program.clone(), error },
        }
    }

    /// How the program ended, if it does so within `wait`.
    pub(crate) async fn ended(&mut self, wait: Duration) -> Option<ExitStatus> {
        let status = timeout(wait, self.child.wait()).await.ok()?.ok()?;
        self.drain().await;
        Some(status)
    }

    /// Kills the program that was started, and nothing that it started.
    pub(crate) async fn kill_first(&mut self) {
        if let Some(first) = self.group {
            // An error means that it is gone already.
            let _ = kill_process(first, Signal::KILL);
        }
        let _ = self.child.wait().await;
    }

    /// SIGTERM, a bounded wait, then SIGKILL: to the whole group.
    pub(crate) async fn stop(&mut self, grace: Duration) -> Result<Stopped> {
        self.signal(Signal::TERM);
        let mut killed = false;
        let status = if let Ok(status) = timeout(grace, self.child.wait()).await {
            status
        } else {
            killed = true;
            self.signal(Signal::KILL);
            self.child.wait().await
        };
        let status = status.map_err(|error| Error::Lost { program: self.program.clone(), error })?;
        // What the program itself started must not outlive it.
        self.signal(Signal::KILL);
        self.group = None;
        self.drain().await;
        Ok(Stopped { status, killed })
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // An error means that the group is gone, which is what is wanted.
            let _ = kill_process_group(group, signal);
        }
    }

    async fn drain(&mut self) {
        let until = Instant::now() + DRAIN;
        while let Ok(Some(_)) = timeout_at(until, self.readers.join_next()).await {}
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// The program and what stands before it.
fn command_line(launch: &Launch, program: &std::path::Path) -> Vec<OsString> {
    let mut words: Vec<OsString> = Vec::new();
    if let Some(parent) = &launch.parent {
        words.extend([parent.into(), "hold".into()]);
    }
    if launch.alone {
        words.push("unshare".into());
        if !geteuid().is_root() {
            words.extend(["--user".into(), "--map-root-user".into()]);
        }
        let root = program.parent().unwrap_or(program);
        words.extend(["--root".into(), root.into(), format!("/{PROGRAM}").into()]);
    } else {
        words.push(program.into());
    }
    words
}

/// As LocalAI, which lets the system choose a port and gives it back: not every backend can be asked which one it chose.
fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

fn record(log: &Tail, echo: bool, line: String) {
    if echo {
        eprintln!("| {line}");
    }
    log.push(line);
}
