//! A connection whose every read and write ends: when somebody wants to stop, and when patience runs out.

use crate::error::{Expired, TransferError};
use crate::patience::Limit;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A TCP connection with limits.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    until: Option<(Instant, Limit)>,
    idle: Option<Duration>,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(halt::SLICE))?;
        stream.set_write_timeout(Some(halt::SLICE))?;
        Ok(Self { stream, until: None, idle: None })
    }

    /// What follows must be done by then, and may not stand still for so long.
    pub(crate) fn limit(&mut self, until: Option<(Instant, Limit)>, idle: Option<Duration>) {
        (self.until, self.idle) = (until, idle);
    }

    /// Has the other side neither gone nor said anything unasked?
    pub(crate) fn is_quiet(&self) -> bool {
        let looked = self.stream.set_nonblocking(true).and_then(|()| self.stream.peek(&mut [0]));
        let quiet = looked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        quiet && self.stream.set_nonblocking(false).is_ok()
    }

    fn patiently<T>(&mut self, mut work: impl FnMut(&mut TcpStream) -> io::Result<T>) -> io::Result<T> {
        let began = Instant::now();
        loop {
            halt::check().map_err(TransferError::from)?;
            match work(&mut self.stream) {
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                done => return done,
            }
            if let Some((_, limit)) = self.until.filter(|(until, _)| Instant::now() >= *until) {
                return Err(io::Error::other(Expired(limit)));
            }
            if self.idle.is_some_and(|idle| began.elapsed() >= idle) {
                return Err(io::Error::other(Expired(Limit::Idle)));
            }
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.patiently(|stream| stream.read(buffer))
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.patiently(|stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
