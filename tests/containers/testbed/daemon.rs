//! Daemons that end with their value, and with this process however it ends.

use camino::{Utf8Path, Utf8PathBuf};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// How long a daemon may take until it is ready.
const READY: Duration = Duration::from_mins(1);
/// How many lines of its log a failed test shows.
const SHOWN: usize = 10;

/// A running daemon.
pub struct Daemon {
    child: Child,
    log: Utf8PathBuf,
}

impl Daemon {
    /// Starts `command` and waits until it prints a line with `ready`, which is returned with it.
    #[track_caller]
    pub fn start(command: &Command, ready: &'static str, log: &Utf8Path) -> (Self, String) {
        let what = format!("{command:?}");
        let mut child = spawn(orphaned_no_more(command));
        let lines = follow(&mut child, log, ready);
        // From here on it is ended whatever happens.
        let daemon = Self { child, log: log.to_owned() };
        let Ok(line) = lines.recv_timeout(READY) else {
            panic!("{what} never said `{ready}`");
        };
        (daemon, line)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Nothing that it holds outlives it, so it need not end in an orderly way.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            let log = fs_err::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<&str> = log.lines().filter(|line| !line.contains("level=info")).collect();
            let last = lines[lines.len().saturating_sub(SHOWN)..].join("\n");
            eprintln!("-- complaints in {}:\n{last}", self.log);
        }
    }
}

/// The same command, ended by the kernel when the thread that started it ends.
fn orphaned_no_more(command: &Command) -> Command {
    let mut wrapped = Command::new("setpriv");
    wrapped.args(["--pdeathsig", "KILL", "--"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(name, value),
            None => wrapped.env_remove(name),
        };
    }
    wrapped.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    wrapped
}

/// Starts a process from a thread that lives as long as this process: tests' threads come and go.
fn spawn(command: Command) -> Child {
    type Order = (Command, Sender<std::io::Result<Child>>);
    static NURSERY: LazyLock<Sender<Order>> = LazyLock::new(|| {
        let (orders, received) = channel::<Order>();
        thread::spawn(move || {
            for (mut command, answer) in received {
                let _ = answer.send(command.spawn());
            }
        });
        orders
    });
    let (answer, child) = channel();
    NURSERY.send((command, answer)).unwrap();
    child.recv().unwrap().expect("setpriv, of util-linux, is there")
}

/// Copies what a daemon says to its log; the first line with `ready` is sent.
fn follow(child: &mut Child, log: &Utf8Path, ready: &'static str) -> Receiver<String> {
    let (sender, lines) = channel();
    let reader = BufReader::new(child.stderr.take().unwrap());
    let mut log = fs_err::File::create(log).unwrap();
    thread::spawn(move || {
        let mut sender = Some(sender);
        for line in reader.lines().map_while(Result::ok) {
            let _ = writeln!(log, "{line}");
            if line.contains(ready)
                && let Some(sender) = sender.take()
            {
                let _ = sender.send(line);
            }
        }
    });
    lines
}
