//! A program that was started, as a group of processes that ends with this value.

use crate::error::ChildError;
use crate::guard;
use crate::sleep::sleep;
use crate::stop::{self, GRACE, SLICE, Stopped};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

/// How long output may stay open after the program has ended: whoever holds it was left running, and ends as well.
const LINGER: Duration = Duration::from_secs(1);

/// How long a program that somebody writes is waited for.
const BUSY: Duration = Duration::from_millis(500);

/// What a wait is to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Wait on.
    Wait,
    /// Enough: nothing more is to come.
    Enough,
}

/// A running program and all that it starts.
#[derive(Debug)]
pub(crate) struct Group {
    child: Child,
    guard: Option<Child>,
    /// None for a program that shares the terminal, and so our group.
    id: Option<Pid>,
    began: Instant,
    limit: Option<Duration>,
    asked: Option<Instant>,
    ended: Option<(ExitStatus, Instant)>,
}

impl Group {
    /// Starts a program as a group of its own, which its guard leads: there is no moment in which it is not guarded.
    pub(crate) fn start(mut command: Command, limit: Option<Duration>) -> Result<(Self, Pipes), ChildError> {
        stop::check()?;
        let guard = guard::start().map_err(ChildError::Start)?;
        let leader = guard.as_ref().map(Pid::from_child);
        command.process_group(leader.map_or(0, |pid| pid.as_raw_nonzero().get()));
        // The group ends with the value, even if the program is never started.
        let mut half = Half(guard);
        let (child, pipes) = spawn(command)?;
        let id = Some(leader.unwrap_or_else(|| Pid::from_child(&child)));
        Ok((Self::new(child, half.0.take(), id, limit), pipes))
    }

    /// Starts a program that shares the terminal, because it asks somebody something.
    pub(crate) fn attach(command: Command) -> Result<Self, ChildError> {
        stop::check()?;
        let (child, _) = spawn(command)?;
        Ok(Self::new(child, None, None, None))
    }

    fn new(child: Child, guard: Option<Child>, id: Option<Pid>, limit: Option<Duration>) -> Self {
        Self { child, guard, id, began: Instant::now(), limit, asked: None, ended: None }
    }

    /// Looks at all that may end a wait; to be called at least every [`SLICE`].
    pub(crate) fn look(&mut self) -> Result<Next, ChildError> {
        if stop::stopped() {
            let asked = *self.asked.get_or_insert_with(|| {
                signal(self.id, &self.child, Signal::TERM);
                Instant::now()
            });
            if stop::hurried() || asked.elapsed() > GRACE {
                self.kill();
                return Err(Stopped.into());
            }
        } else if let Some(after) = self.limit.filter(|limit| self.began.elapsed() > *limit) {
            self.kill();
            return Err(ChildError::Late { after });
        }
        if self.ended.is_none() {
            self.ended =
                self.child.try_wait().map_err(ChildError::Output)?.map(|status| (status, Instant::now()));
        }
        Ok(if self.ended.is_some_and(|(_, at)| at.elapsed() > LINGER) { Next::Enough } else { Next::Wait })
    }

    /// Waits for the end of the program alone.
    pub(crate) fn wait(&mut self) -> Result<ExitStatus, ChildError> {
        let mut step = Duration::from_millis(1);
        loop {
            self.look()?;
            if let Some((status, _)) = self.ended {
                stop::check()?;
                return Ok(status);
            }
            sleep(step);
            step = (step * 2).min(SLICE);
        }
    }

    fn kill(&self) {
        signal(self.id, &self.child, Signal::KILL);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Whatever the program left running in the background ends with it, and so does the guard.
        self.kill();
        for child in self.guard.iter_mut().chain([&mut self.child]) {
            reap(child);
        }
    }
}

/// A guard whose program is not there yet.
struct Half(Option<Child>);

impl Drop for Half {
    fn drop(&mut self) {
        if let Some(guard) = &mut self.0 {
            drop(guard.kill());
            reap(guard);
        }
    }
}

/// The ends of the pipes to a program.
pub(crate) struct Pipes {
    pub(crate) input: Option<std::process::ChildStdin>,
    pub(crate) output: Option<std::process::ChildStdout>,
    pub(crate) errors: Option<std::process::ChildStderr>,
}

/// A program that was written a moment ago may still be open for writing: in a process that another thread is about to
/// start, which has all that is open here until it is started.
#[expect(clippy::disallowed_methods, reason = "this is what is allowed instead")]
fn spawn(mut command: Command) -> Result<(Child, Pipes), ChildError> {
    let began = Instant::now();
    let mut child = loop {
        match command.spawn() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy && began.elapsed() < BUSY => {
                sleep(Duration::from_millis(1));
            }
            spawned => break spawned.map_err(ChildError::Start)?,
        }
    };
    let pipes = Pipes { input: child.stdin.take(), output: child.stdout.take(), errors: child.stderr.take() };
    Ok((child, pipes))
}

/// A group that ended in between is what was wanted.
fn signal(group: Option<Pid>, child: &Child, signal: Signal) {
    let _ = match group {
        Some(group) => kill_process_group(group, signal),
        None => kill_process(Pid::from_child(child), signal),
    };
}

/// Takes note of the end of a killed process, unless that cannot end now.
fn reap(child: &mut Child) {
    for _ in 0..100 {
        match child.try_wait() {
            Ok(None) => sleep(Duration::from_millis(1)),
            _ => return,
        }
    }
}
