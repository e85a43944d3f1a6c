//! Real processes that wait in every way there is, and are asked to stop, or killed, while they do.
//!
//! Without the usual harness: what is signalled is this program again, in one of its roles, and so are the guards.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test")]

use halt::Run;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::io::Read;
use std::process::{Child, Command, ExitCode, Stdio, exit};
use std::time::{Duration, Instant};

const ROLE: &str = "HALT_TEST_ROLE";
/// What the last resort of these programs ends them with: no wait should need it but one.
const LAST_RESORT: i32 = 99;
/// Long after everything that looks at the flag has ended.
const BOUND: Duration = Duration::from_mins(1);

/// How long programs have to end once they are asked to.
const GRACE: Duration = Duration::from_secs(5);

/// Ways to wait for a program.
const PROGRAMS: [&str; 4] = ["output", "lines", "stream", "status"];
const BOTH: [Signal; 2] = [Signal::INT, Signal::TERM];

fn main() -> ExitCode {
    halt::begin(|| exit(LAST_RESORT)).unwrap();
    if let Ok(role) = std::env::var(ROLE) {
        play(&role);
        return ExitCode::from(if halt::stopped() { 130 } else { 0 });
    }
    let tests: [(&str, fn()); 9] = [
        ("every_wait_for_a_program_ends", every_wait_for_a_program_ends),
        ("waits_for_locks_and_time_end", waits_for_locks_and_time_end),
        ("who_does_not_listen_is_killed", who_does_not_listen_is_killed),
        ("asked_twice_nobody_is_waited_for", asked_twice_nobody_is_waited_for),
        ("the_last_resort_ends_what_does_not_look", the_last_resort_ends_what_does_not_look),
        ("nothing_outlives_a_killed_process", nothing_outlives_a_killed_process),
        ("nothing_outlives_its_program", nothing_outlives_its_program),
        ("nothing_starts_after_a_stop", nothing_starts_after_a_stop),
        ("a_program_that_is_being_written_is_waited_for", a_program_that_is_being_written_is_waited_for),
    ];
    let filter = std::env::args().skip(1).find(|arg| !arg.starts_with('-')).unwrap_or_default();
    std::thread::scope(|scope| {
        for (name, test) in tests.into_iter().filter(|(name, _)| name.contains(&filter)) {
            scope.spawn(move || {
                test();
                println!("test {name} ... ok");
            });
        }
    });
    ExitCode::SUCCESS
}

fn a_program_that_is_being_written_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("program");
    fs::copy("/bin/true", &program).unwrap();
    let writer = File::options().append(true).open(&program).unwrap();
    let start = || Run::new(Command::new(&program)).status();
    assert!(start().is_err(), "nobody is waited for for ever");
    std::thread::scope(|scope| {
        let started = scope.spawn(start);
        drop(writer);
        assert!(started.join().unwrap().unwrap().success());
    });
}

/// What a process of these tests does.
fn play(role: &str) {
    let (role, script) = role.split_once(' ').unwrap_or((role, "stuck"));
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{}; {STUCK}", if script == "deaf" { "trap '' TERM" } else { ":" })]);
    match role {
        "output" => drop(Run::new(command).output()),
        "lines" => drop(Run::new(command).lines(|_| Ok(()))),
        "status" => drop(Run::new(command).status()),
        "stream" => {
            let mut stream = Run::new(command).stream().unwrap();
            drop(stream.read_to_end(&mut Vec::new()));
        }
        "ask" => drop(Run::new(command).ask()),
        "exclusive" => drop(halt::lock::exclusive(&held(), ready)),
        "shared" => drop(halt::lock::shared(&held(), ready)),
        "pause" => {
            ready();
            let _ = halt::pause(Duration::from_hours(1));
        }
        "blind" => {
            ready();
            drop(File::open("never"));
        }
        "after" => {
            ready();
            let _ = halt::pause(Duration::from_hours(1));
            assert!(Run::new(command).output().is_err());
        }
        other => panic!("no role {other}"),
    }
}

/// A program that tells its number once it runs, and another that it started, and waits for ever.
const STUCK: &str = "(echo $$ $(exec sh -c 'echo $PPID') >said; read -r _ <never) & read -r _ <never";

fn held() -> File {
    File::open("held").unwrap()
}

fn ready() {
    fs::write("said", "").unwrap();
}

/// A process in a role, in a directory of its own.
struct Actor {
    child: Child,
    dir: tempfile::TempDir,
    _held: File,
}

impl Actor {
    /// Starts it and waits until it waits.
    fn start(role: &str) -> (Self, Vec<Pid>) {
        let dir = tempfile::tempdir().unwrap();
        for pipe in ["said", "never"] {
            assert!(Command::new("mkfifo").arg(dir.path().join(pipe)).status().unwrap().success());
        }
        let held = File::create(dir.path().join("held")).unwrap();
        held.lock().unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env(ROLE, role).current_dir(dir.path()).stdin(Stdio::null());
        let child = command.spawn().unwrap();
        let said = bounded({
            let said = dir.path().join("said");
            move || fs::read_to_string(said).unwrap()
        });
        let pids =
            said.split_whitespace().map(|word| Pid::from_raw(word.parse().unwrap()).unwrap()).collect();
        (Self { child, dir, _held: held }, pids)
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn end(&mut self, code: Option<i32>) {
        assert!(ends(Pid::from_child(&self.child)), "it goes on in {:?}", self.dir);
        assert_eq!(self.child.wait().unwrap().code(), code);
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What a thread comes to, which must not take long.
fn bounded<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(BOUND).unwrap()
}

/// Waits until a process has ended, for a bounded time: whether it has. One that nobody has taken note of has ended too.
#[cfg(target_os = "linux")]
fn ends(pid: Pid) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::{PidfdFlags, pidfd_open};
    let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else { return true };
    let bound = Timespec { tv_sec: BOUND.as_secs().try_into().unwrap(), tv_nsec: 0 };
    rustix::io::retry_on_intr(|| poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&bound))).unwrap() > 0
}

/// The same where there is nothing to wait with.
#[cfg(not(target_os = "linux"))]
fn ends(pid: Pid) -> bool {
    let until = Instant::now() + BOUND;
    while Instant::now() < until {
        if rustix::process::test_kill_process(pid).is_err() {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

/// Waits until processes are gone.
fn gone(pids: &[Pid]) {
    assert!(!pids.is_empty());
    for pid in pids {
        assert!(ends(*pid), "{pid:?} is still there");
    }
}

fn every_wait_for_a_program_ends() {
    for (role, signal) in
        PROGRAMS.into_iter().chain(["ask"]).flat_map(|role| BOTH.map(|signal| (role, signal)))
    {
        let (mut actor, pids) = Actor::start(role);
        actor.signal(signal);
        actor.end(Some(130));
        if role == "ask" {
            // A program in the foreground belongs to the terminal's group, whose Ctrl-C reaches all of it.
            kill_process(pids[1], Signal::KILL).unwrap();
        }
        gone(&pids);
    }
}

fn waits_for_locks_and_time_end() {
    for (role, signal) in
        ["exclusive", "shared", "pause"].into_iter().flat_map(|role| BOTH.map(|signal| (role, signal)))
    {
        let (mut actor, _) = Actor::start(role);
        actor.signal(signal);
        actor.end(Some(130));
    }
}

fn who_does_not_listen_is_killed() {
    for role in ["output deaf", "stream deaf"] {
        let (mut actor, pids) = Actor::start(role);
        actor.signal(Signal::TERM);
        actor.end(Some(130));
        gone(&pids);
    }
}

fn asked_twice_nobody_is_waited_for() {
    let (mut actor, pids) = Actor::start("lines deaf");
    let began = Instant::now();
    actor.signal(Signal::INT);
    // Signals of one kind that come together count as one.
    actor.signal(Signal::TERM);
    actor.end(Some(130));
    assert!(began.elapsed() < GRACE, "{:?}", began.elapsed());
    gone(&pids);
}

fn the_last_resort_ends_what_does_not_look() {
    let (mut actor, _) = Actor::start("blind");
    actor.signal(Signal::TERM);
    actor.end(Some(LAST_RESORT));
}

fn nothing_outlives_a_killed_process() {
    for role in PROGRAMS.into_iter().chain(["output deaf", "lines deaf"]) {
        let (mut actor, pids) = Actor::start(role);
        actor.signal(Signal::KILL);
        actor.end(None);
        gone(&pids);
    }
}

fn nothing_outlives_its_program() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Command::new("mkfifo").arg(dir.path().join("never")).status().unwrap().success());
    // What runs on in the background holds the outputs open, and nobody waits for it.
    let mut command = Command::new("sh");
    command.args(["-c", "(read -r _ <never) & echo $!"]).current_dir(dir.path());
    let output = Run::new(command).output().unwrap();
    let pid: i32 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
    gone(&[Pid::from_raw(pid).unwrap()]);
}

fn nothing_starts_after_a_stop() {
    let (mut actor, _) = Actor::start("after");
    actor.signal(Signal::TERM);
    actor.end(Some(130));
}
