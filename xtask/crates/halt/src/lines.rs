//! A program that is watched line by line.

use crate::error::ChildError;
use crate::pipes::{Pipe, drain};
use crate::run::Run;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::process::ExitStatus;

/// Bytes of the longest line that is handed on whole.
const LONGEST: usize = 1 << 20;

impl Run<'_> {
    /// Runs it to its end, however that is, and hands on each line that it prints, with its end, whichever output it is
    /// printed to.
    pub fn lines(mut self, mut each: impl FnMut(&[u8]) -> io::Result<()>) -> Result<ExitStatus, ChildError> {
        let (reader, writer) = io::pipe().map_err(ChildError::Start)?;
        self.command.stdout(writer.try_clone().map_err(ChildError::Start)?).stderr(writer);
        // The command goes with this call, and with it our copies of the end that is written to.
        let (mut group, _) = self.start()?;
        let mut rest = Vec::new();
        let mut split = |bytes: &[u8]| {
            for part in bytes.split_inclusive(|byte| *byte == b'\n') {
                rest.extend_from_slice(part);
                // Who never ends a line is heard in pieces.
                if part.ends_with(b"\n") || rest.len() >= LONGEST {
                    each(&rest)?;
                    rest.clear();
                }
            }
            Ok(())
        };
        let pipe = Pipe { from: File::from(OwnedFd::from(reader)), to: &mut split };
        drain(&mut group, vec![pipe], self.watch.unwrap_or(&mut || Ok(())))?;
        if !rest.is_empty() {
            each(&rest).map_err(ChildError::Output)?;
        }
        group.wait()
    }
}
