//! A program whose outputs are wanted whole.

use crate::error::ChildError;
use crate::pipes::{Pipe, drain};
use crate::run::Run;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::process::{Output, Stdio};
use std::time::Duration;

/// No program takes this long to say what it is.
const PATIENCE: Duration = Duration::from_mins(1);

impl Run<'_> {
    /// What it answers to a short question; none if it fails.
    pub fn text(self) -> Option<String> {
        let output = self.limit(PATIENCE).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
    }

    /// Runs it to its end, however that is, and keeps both outputs.
    pub fn output(mut self) -> Result<Output, ChildError> {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let (mut group, pipes) = self.start()?;
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut out = |bytes: &[u8]| {
            stdout.extend_from_slice(bytes);
            Ok(())
        };
        let mut err = |bytes: &[u8]| {
            stderr.extend_from_slice(bytes);
            Ok(())
        };
        let mut open = Vec::new();
        open.extend(pipes.output.map(|pipe| Pipe { from: File::from(OwnedFd::from(pipe)), to: &mut out }));
        open.extend(pipes.errors.map(|pipe| Pipe { from: File::from(OwnedFd::from(pipe)), to: &mut err }));
        drain(&mut group, open, self.tick.unwrap_or(&mut || ()))?;
        Ok(Output { status: group.wait()?, stdout, stderr })
    }
}
