//! Child processes that end in bounded time, with their output.

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// For whatever should take seconds.
pub const SHORT: Duration = Duration::from_mins(3);
/// For a whole build of llama.cpp on a small busy machine.
pub const LONG: Duration = Duration::from_mins(45);
/// How long a process may take to stop once it is asked to.
const GRACE: Duration = Duration::from_secs(30);

/// What a finished process left.
#[derive(Debug)]
pub struct Run {
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
}

impl Run {
    /// The exit code, as a shell would say it.
    pub fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| 128 + self.status.signal().unwrap_or(0))
    }

    /// Asserts an exit code, and shows everything that was said if it is another one.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "exit code; it said:\n{}\n{}", self.err, self.out);
        self
    }

    /// Asserts that the process told people this.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "expected `{text}` in:\n{}", self.err);
        self
    }

    /// The line of standard error that holds `text`.
    #[track_caller]
    pub fn line(&self, text: &str) -> &str {
        let found = self.err.lines().find(|line| line.contains(text));
        found.unwrap_or_else(|| panic!("expected a line with `{text}` in:\n{}", self.err))
    }
}

enum Event {
    Out(String),
    Err(String),
    Closed,
    Ended(ExitStatus),
}

/// A process in its own group. Dropping it ends it.
pub struct Running {
    what: String,
    pid: Pid,
    events: Receiver<Event>,
    deadline: Instant,
    open: usize,
    status: Option<ExitStatus>,
    out: String,
    err: String,
}

/// Runs a command to its end, or fails after `limit`.
#[track_caller]
pub fn run(command: Command, limit: Duration) -> Run {
    start(command, limit).finish()
}

/// Starts a command that must end within `limit`.
#[track_caller]
pub fn start(mut command: Command, limit: Duration) -> Running {
    let what = format!("{command:?}");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start {what}: {error}"));
    let pid = Pid::from_child(&child);
    let (events, received) = channel();
    follow(child.stdout.take().unwrap(), events.clone(), Event::Out);
    follow(child.stderr.take().unwrap(), events.clone(), Event::Err);
    thread::spawn(move || await_end(child, &events));
    Running {
        what,
        pid,
        events: received,
        deadline: Instant::now() + limit,
        open: 2,
        status: None,
        out: String::new(),
        err: String::new(),
    }
}

fn follow(pipe: impl Read + Send + 'static, events: Sender<Event>, wrap: fn(String) -> Event) {
    thread::spawn(move || {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let _ = events.send(wrap(String::from_utf8_lossy(&line).into_owned()));
            line.clear();
        }
        let _ = events.send(Event::Closed);
    });
}

fn await_end(mut child: Child, events: &Sender<Event>) {
    if let Ok(status) = child.wait() {
        let _ = events.send(Event::Ended(status));
    }
}

impl Running {
    /// Its number.
    #[allow(dead_code, reason = "shared with the tests of the program, which ask for it")]
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Sends a signal to the process alone, as a terminal's Ctrl-C would reach a child in a group of its own.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    /// Waits until it says `text` to people.
    #[track_caller]
    pub fn until(&mut self, text: &str) {
        while !self.err.contains(text) {
            assert!(
                self.status.is_none() || self.open > 0,
                "{} never said `{text}`:\n{}",
                self.what,
                self.err
            );
            self.next();
        }
    }

    /// Waits until it has told people this many lines; false if it has come to its end before.
    #[track_caller]
    #[allow(dead_code, reason = "shared with the tests of the program, which kill no more than once")]
    pub fn says_lines(&mut self, count: usize) -> bool {
        while self.err.lines().count() < count {
            if self.status.is_some() && self.open == 0 {
                return false;
            }
            self.next();
        }
        true
    }

    /// Waits for its end.
    #[track_caller]
    pub fn finish(mut self) -> Run {
        loop {
            match self.status {
                Some(status) if self.open == 0 => {
                    let (out, err) = (std::mem::take(&mut self.out), std::mem::take(&mut self.err));
                    return Run { status, out, err };
                }
                // What keeps the pipes open now is a process that was left behind.
                Some(_) => self.deadline = self.deadline.min(Instant::now() + GRACE),
                None => {}
            }
            self.next();
        }
    }

    #[track_caller]
    fn next(&mut self) {
        match self.events.recv_timeout(self.deadline.saturating_duration_since(Instant::now())) {
            Ok(event) => self.take(event),
            Err(RecvTimeoutError::Timeout) => {
                panic!(
                    "{} took too long and is ended (status {:?}):\n{}\n{}",
                    self.what, self.status, self.err, self.out
                )
            }
            Err(RecvTimeoutError::Disconnected) => panic!("{} vanished:\n{}", self.what, self.err),
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Out(line) => self.out.push_str(&line),
            Event::Err(line) => self.err.push_str(&line),
            Event::Closed => self.open -= 1,
            Event::Ended(status) => self.status = Some(status),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // An orderly end first: xtask ends the compilers that it started.
        for signal in [Signal::TERM, Signal::KILL] {
            if self.status.is_some() {
                return;
            }
            let _ = kill_process_group(self.pid, signal);
            let end = Instant::now() + GRACE;
            while self.status.is_none() {
                match self.events.recv_timeout(end.saturating_duration_since(Instant::now())) {
                    Ok(event) => self.take(event),
                    Err(_) => break,
                }
            }
        }
    }
}

/// Tells a figure to whoever watches; the test harness captures what is printed otherwise.
pub fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "      {text}");
}
