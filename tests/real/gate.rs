//! A named pipe that a compiler waits in: what a test does next happens in the middle of a build, surely.

use camino::Utf8Path;
use camino::Utf8PathBuf;
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// A pipe in place of a header.
pub struct Gate {
    path: Utf8PathBuf,
}

/// A compiler that has opened the pipe and waits for its end.
pub struct Held(
    #[expect(dead_code, reason = "closing the pipe is what lets the compiler go on")] fs_err::File,
);

impl Gate {
    /// Makes the pipe where a build may read without its key knowing: in a cache of its tools.
    pub fn new(cache: &Utf8Path) -> Self {
        let dir = cache.join("v1/scratch/caches");
        fs_err::create_dir_all(&dir).unwrap();
        let path = dir.join("gate.h");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        Self { path }
    }

    /// The option that makes a build of the tiny backend include the pipe.
    pub fn setting(&self) -> String {
        format!("TINY_GATE={}", self.path)
    }

    /// Waits until a compiler has opened the pipe.
    #[track_caller]
    pub fn wait(&self) -> Held {
        let (sender, receiver) = channel();
        let path = self.path.clone();
        // Opening for writing blocks until there is a reader.
        thread::spawn(move || {
            let _ = sender.send(fs_err::OpenOptions::new().write(true).open(path));
        });
        let opened = receiver.recv_timeout(Duration::from_mins(3));
        Held(opened.expect("no compiler opened the gate").unwrap())
    }

    /// Lets the compiler go on, and those that come after it pass.
    #[allow(dead_code, reason = "shared with the tests of containers, which let nobody pass")]
    pub fn open(&self, held: Held) {
        fs_err::remove_file(&self.path).unwrap();
        fs_err::write(&self.path, "").unwrap();
        drop(held);
    }

    /// What identifies the processes that compile with this gate.
    pub fn mark(&self) -> &str {
        self.path.as_str()
    }
}
