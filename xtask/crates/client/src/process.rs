//! A backend as a child process: started in a group of its own, heard, and always stopped.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::BufReader;
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use crate::lines::each_line;
use crate::{Error, Result, Tail};

const ANNOUNCEMENT: &str = "listening on ";
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

/// A running `run` of a package. Dropping it kills the whole process group.
pub(crate) struct Process {
    program: PathBuf,
    child: Child,
    /// None once the group is gone.
    group: Option<Pid>,
    log: Tail,
    readers: JoinSet<()>,
    announced: Option<oneshot::Receiver<String>>,
}

impl Process {
    /// Starts `package/run --addr 127.0.0.1:0`. With `echo`, what it prints is passed on to stderr.
    pub(crate) fn spawn(package: &Path, echo: bool) -> Result<Self> {
        let program = package.join("run");
        if !program.is_file() {
            return Err(Error::NoPackage(package.to_path_buf()));
        }
        // A relative program would be looked for from wherever the launcher moves to.
        let program = std::path::absolute(&program).unwrap_or(program);
        let mut child = Command::new(&program)
            .args(["--addr", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Error::Spawn { program: program.clone(), error })?;
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));

        let log = Tail::default();
        let mut readers = JoinSet::new();
        let (tell, announced) = oneshot::channel();
        if let Some(out) = child.stdout.take() {
            let log = log.clone();
            let mut tell = Some(tell);
            readers.spawn(each_line(BufReader::new(out), move |line| {
                if let Some(address) = line.strip_prefix(ANNOUNCEMENT)
                    && let Some(tell) = tell.take()
                {
                    // Nobody listens any more when the start was given up.
                    let _ = tell.send(address.trim().to_owned());
                }
                record(&log, echo, line);
            }));
        }
        if let Some(err) = child.stderr.take() {
            let log = log.clone();
            readers.spawn(each_line(BufReader::new(err), move |line| record(&log, echo, line)));
        }
        Ok(Self { program, child, group, log, readers, announced: Some(announced) })
    }

    /// What it printed so far.
    pub(crate) fn log(&self) -> Tail {
        self.log.clone()
    }

    /// Waits until the program tells the address that it bound.
    pub(crate) async fn address(&mut self, wait: Duration) -> Result<SocketAddr> {
        let announced = self.announced.take();
        let heard = async {
            match announced {
                Some(announced) => announced.await.ok(),
                None => None,
            }
        };
        let told = async {
            // Output that ends without the line leaves the exit, or the deadline, to decide.
            match heard.await {
                Some(address) => address,
                None => std::future::pending().await,
            }
        };
        let outcome = tokio::select! {
            biased;
            told = timeout(wait, told) => told.ok(),
            ended = self.child.wait() => return Err(self.died(ended).await),
        };
        let Some(address) = outcome else {
            return Err(Error::Silent { program: self.program.clone(), waited: wait, log: self.log() });
        };
        address.parse().map_err(|_| Error::Garbled {
            program: self.program.clone(),
            line: format!("{ANNOUNCEMENT}{address}"),
            log: self.log(),
        })
    }

    /// Resolves when the program ends before it should, with the error that says so.
    pub(crate) async fn death(&mut self) -> Error {
        let ended = self.child.wait().await;
        self.died(ended).await
    }

    /// How the program ended, if it does so within `wait`.
    pub(crate) async fn ended(&mut self, wait: Duration) -> Option<ExitStatus> {
        let status = timeout(wait, self.child.wait()).await.ok()?.ok()?;
        self.drain().await;
        Some(status)
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

    async fn died(&mut self, ended: std::io::Result<ExitStatus>) -> Error {
        self.drain().await;
        match ended {
            Ok(status) => Error::Died { program: self.program.clone(), status, log: self.log() },
            Err(error) => Error::Lost { program: self.program.clone(), error },
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

fn record(log: &Tail, echo: bool, line: String) {
    if echo {
        eprintln!("| {line}");
    }
    log.push(line);
}
