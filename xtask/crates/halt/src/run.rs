//! A program to be run, and the ways to wait for it.

use crate::error::ChildError;
use crate::group::{Group, Pipes};
use std::fs::File;
use std::io::Write;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

/// What a program reads.
enum Input {
    Nothing,
    Bytes(Vec<u8>),
    File(File),
}

/// Says whether a program may go on.
pub type Watch<'a> = dyn FnMut() -> std::io::Result<()> + 'a;

/// A program to be run. All that it starts ends with it, with us, and when somebody wants to stop.
pub struct Run<'a> {
    pub(crate) command: Command,
    input: Input,
    limit: Option<Duration>,
    pub(crate) watch: Option<&'a mut Watch<'a>>,
    is_known: bool,
}

impl<'a> Run<'a> {
    /// With nothing to read, for as long as it takes. Its outputs are this type's business.
    pub fn new(command: Command) -> Self {
        Self { command, input: Input::Nothing, limit: None, watch: None, is_known: false }
    }

    /// Reads these bytes.
    #[must_use]
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Input::Bytes(bytes.into());
        self
    }

    /// Reads this file.
    #[must_use]
    pub fn input_file(mut self, file: File) -> Self {
        self.input = Input::File(file);
        self
    }

    /// Is ended if it is not done within this time.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Is ended if this fails, which is asked some times a second while its outputs are read.
    #[must_use]
    pub fn watch(mut self, watch: &'a mut Watch<'a>) -> Self {
        self.watch = Some(watch);
        self
    }

    /// Says the same as long as its file is the same: who looks at that has seen all that the program says.
    #[must_use]
    pub fn known_by_its_file(mut self) -> Self {
        self.is_known = true;
        self
    }

    /// Runs it with our outputs.
    pub fn status(mut self) -> Result<ExitStatus, ChildError> {
        self.start()?.0.wait()
    }

    /// Runs it in the foreground of the terminal, where it may ask somebody something.
    pub fn ask(self) -> Result<ExitStatus, ChildError> {
        memo::spoil();
        Group::attach(self.command)?.wait()
    }

    pub(crate) fn start(&mut self) -> Result<(Group, Pipes), ChildError> {
        if !self.is_known {
            memo::spoil();
        }
        let mut command = std::mem::replace(&mut self.command, Command::new(""));
        let bytes = match std::mem::replace(&mut self.input, Input::Nothing) {
            Input::Nothing => {
                command.stdin(Stdio::null());
                None
            }
            Input::File(file) => {
                command.stdin(file);
                None
            }
            Input::Bytes(bytes) => {
                command.stdin(Stdio::piped());
                Some(bytes)
            }
        };
        let (group, mut pipes) = Group::start(command, self.limit)?;
        if let (Some(bytes), Some(mut stdin)) = (bytes, pipes.input.take()) {
            // Beside the reading: who writes everything before listening might wait for ever. A program that ends
            // before it has read all says by its status whether that matters.
            let writer = thread::Builder::new().spawn(move || drop(stdin.write_all(&bytes)));
            writer.map_err(ChildError::Start)?;
        }
        Ok((group, pipes))
    }
}
