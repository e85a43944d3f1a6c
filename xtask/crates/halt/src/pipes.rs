//! Reads what a program prints, looking up between reads.

use crate::error::ChildError;
use crate::group::{Group, Next};
use crate::run::Watch;
use crate::stop::SLICE;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;

/// A pipe and who takes what comes out of it.
pub(crate) struct Pipe<'a> {
    pub(crate) from: File,
    pub(crate) to: &'a mut dyn FnMut(&[u8]) -> io::Result<()>,
}

/// Reads every pipe to its end.
pub(crate) fn drain(
    group: &mut Group,
    mut pipes: Vec<Pipe<'_>>,
    watch: &mut Watch<'_>,
) -> Result<(), ChildError> {
    let mut chunk = vec![0; 64 << 10];
    while !pipes.is_empty() {
        if group.look()? == Next::Enough {
            return Ok(());
        }
        watch().map_err(ChildError::Ended)?;
        let ready = ready(pipes.iter().map(|pipe| &pipe.from)).map_err(ChildError::Output)?;
        let mut open = Vec::with_capacity(pipes.len());
        for (mut pipe, ready) in pipes.into_iter().zip(ready) {
            let read = if ready { pipe.from.read(&mut chunk).map_err(ChildError::Output)? } else { 0 };
            (pipe.to)(&chunk[..read]).map_err(ChildError::Output)?;
            if !ready || read > 0 {
                open.push(pipe);
            }
        }
        pipes = open;
    }
    Ok(())
}

/// Which of the pipes have something to read, or are at their end; waits for that, but not for long.
pub(crate) fn ready<'a>(pipes: impl Iterator<Item = &'a File>) -> io::Result<Vec<bool>> {
    let mut polled: Vec<PollFd<'_>> =
        pipes.map(|pipe| PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::IN)).collect();
    let slice = Timespec { tv_sec: 0, tv_nsec: i64::from(SLICE.subsec_nanos()) };
    match poll(&mut polled, Some(&slice)) {
        Ok(_) => Ok(polled.iter().map(|pipe| !pipe.revents().is_empty()).collect()),
        Err(Errno::INTR) => Ok(vec![false; polled.len()]),
        Err(error) => Err(error.into()),
    }
}
