//! A program whose output is read as it comes.

use crate::error::ChildError;
use crate::group::{Group, Next};
use crate::pipes::ready;
use crate::run::Run;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::process::Stdio;

/// The output of a program. Its end is an error if the program failed.
#[derive(Debug)]
pub struct Stream {
    group: Group,
    from: File,
}

impl Run<'_> {
    /// Starts it; what it prints is read from what comes back, its complaints by nobody.
    pub fn stream(mut self) -> Result<Stream, ChildError> {
        self.command.stdout(Stdio::piped()).stderr(Stdio::null());
        let (group, pipes) = self.start()?;
        let output = pipes.output.ok_or_else(|| ChildError::Start(io::Error::other("it has no output")))?;
        Ok(Stream { group, from: File::from(OwnedFd::from(output)) })
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let next = self.group.look().map_err(ChildError::into_io)?;
            let ready = ready([&self.from].into_iter())?;
            let read = match next {
                _ if ready == [true] => self.from.read(buffer)?,
                Next::Wait => continue,
                Next::Enough => 0,
            };
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let status = self.group.wait().map_err(ChildError::into_io)?;
            return if status.success() {
                Ok(0)
            } else {
                Err(io::Error::other(format!("it failed: {status}")))
            };
        }
    }
}
