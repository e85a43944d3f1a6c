//! A program whose outputs are wanted whole.

use crate::error::ChildError;
use crate::pipes::{Pipe, drain};
use crate::run::Run;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::process::{Output, Stdio};
use std::time::Duration;

/// Bytes of the longest output: lists of all files of a large checkout are a tenth of it.
const MOST: usize = 256 << 20;
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
        let mut out = |bytes: &[u8]| keep(&mut stdout, bytes);
        let mut err = |bytes: &[u8]| keep(&mut stderr, bytes);
        let mut open = Vec::new();
        open.extend(pipes.output.map(|pipe| Pipe { from: File::from(OwnedFd::from(pipe)), to: &mut out }));
        open.extend(pipes.errors.map(|pipe| Pipe { from: File::from(OwnedFd::from(pipe)), to: &mut err }));
        drain(&mut group, open, self.watch.unwrap_or(&mut || Ok(())))?;
        Ok(Output { status: group.wait()?, stdout, stderr })
    }
}

fn keep(kept: &mut Vec<u8>, bytes: &[u8]) -> io::Result<()> {
    if kept.len() + bytes.len() > MOST {
        return Err(io::Error::other(format!("it is longer than {MOST} bytes")));
    }
    kept.extend_from_slice(bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn who_prints_without_end_is_ended() {
        let error = Run::new(Command::new("yes")).output().unwrap_err().to_string();
        assert!(error.contains("it is longer than"), "{error}");
        let mut command = Command::new("head");
        command.args(["-c", "3000000", "/dev/zero"]);
        let mut longest = 0;
        let each = |line: &[u8]| {
            longest = line.len().max(longest);
            Ok(())
        };
        Run::new(command).lines(each).unwrap();
        assert!((1 << 20..1 << 21).contains(&longest), "{longest}");
        let mut command = Command::new("sleep");
        command.arg("60");
        let mut watch = || Err(io::Error::other("enough"));
        let error = Run::new(command).watch(&mut watch).output().unwrap_err().to_string();
        assert!(error.contains("it was ended: enough"), "{error}");
    }
}
