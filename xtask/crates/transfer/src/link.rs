//! A connection as ureq wants it.

use crate::allowance;
use crate::error::TransferError;
use crate::patience::Limit;
use crate::secret::Secret;
use crate::tls::Encrypted;
use crate::wire::Wire;
use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::time::Instant;
use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport};

/// Bytes of a buffer; a record of TLS fits.
const BUFFER: usize = 128 << 10;

/// A connection to a server, or to a proxy that asks it.
pub(crate) struct Link {
    buffers: LazyBuffers,
    stream: Stream,
    /// Why nothing more can be sent. What was said before that is still to be heard.
    deaf: Option<io::Error>,
    /// A proxy reads whole URLs; such a connection carries one request.
    through: Option<Through>,
}

enum Stream {
    Plain(Wire),
    Encrypted(Box<Encrypted>),
}

/// What a request without encryption tells a proxy.
pub(crate) struct Through {
    /// `http://host:port`.
    pub(crate) origin: String,
    /// The `Proxy-Authorization` header.
    pub(crate) credentials: Option<Secret>,
}

impl Link {
    pub(crate) fn plain(wire: Wire, through: Option<Through>) -> Self {
        Self { buffers: LazyBuffers::new(BUFFER, BUFFER), stream: Stream::Plain(wire), deaf: None, through }
    }

    pub(crate) fn encrypted(stream: Encrypted) -> Self {
        let stream = Stream::Encrypted(Box::new(stream));
        Self { buffers: LazyBuffers::new(BUFFER, BUFFER), stream, deaf: None, through: None }
    }

    fn write(&mut self, amount: usize) -> io::Result<()> {
        let bytes = &self.buffers.output()[..amount];
        match (&mut self.stream, &mut self.through) {
            (Stream::Plain(wire), Some(through)) => through.write(wire, bytes),
            (Stream::Plain(wire), None) => wire.write_all(bytes),
            (Stream::Encrypted(stream), _) => {
                stream.write_all(bytes)?;
                // A write alone keeps its errors for later.
                stream.flush()
            }
        }
    }

    fn wire(&mut self) -> &mut Wire {
        match &mut self.stream {
            Stream::Plain(wire) => wire,
            Stream::Encrypted(stream) => &mut stream.sock,
        }
    }

    fn limit(&mut self, timeout: NextTimeout) {
        let until = timeout.not_zero().and_then(|after| Instant::now().checked_add(*after));
        let reason = if timeout.reason == ureq::Timeout::RecvResponse { Limit::Idle } else { Limit::Whole };
        let idle = timeout.per_read.map(|idle| *idle);
        self.wire().limit(until.map(|until| (until, reason)), idle);
    }
}

impl Transport for Link {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        if self.deaf.is_some() {
            return Ok(());
        }
        self.limit(timeout);
        match self.write(amount) {
            // Servers refuse what they will not read, and hang up: the refusal is worth more than the error.
            Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
                self.deaf = Some(error);
                Ok(())
            }
            done => Ok(done?),
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.limit(timeout);
        let buffer = self.buffers.input_append_buf();
        let read = match &mut self.stream {
            Stream::Plain(wire) => wire.read(buffer),
            Stream::Encrypted(stream) => stream.read(buffer),
        };
        let read = match (read, self.deaf.take()) {
            (Err(_) | Ok(0), Some(error)) => return Err(error.into()),
            (read, deaf) => {
                self.deaf = deaf;
                read?
            }
        };
        allowance::spend(read)?;
        self.buffers.input_appended(read);
        Ok(read > 0)
    }

    fn is_open(&mut self) -> bool {
        self.through.is_none() && self.deaf.is_none() && self.wire().is_quiet()
    }

    fn is_tls(&self) -> bool {
        matches!(self.stream, Stream::Encrypted(_))
    }
}

impl Through {
    /// The head of a request begins with `GET /path`, and that of one to a proxy with `GET http://host/path`. What
    /// follows is as it was.
    fn write(&mut self, wire: &mut Wire, bytes: &[u8]) -> io::Result<()> {
        let origin = std::mem::take(&mut self.origin);
        if origin.is_empty() {
            return wire.write_all(bytes);
        }
        let line = bytes.windows(2).position(|two| two == b"\r\n").map(|at| bytes.split_at(at + 2));
        let split = line.and_then(|(line, rest)| {
            let at = line.iter().position(|byte| *byte == b' ')?;
            Some((&line[..=at], &line[at + 1..], rest))
        });
        let Some((method, path, rest)) = split else {
            return Err(TransferError::Unusable { what: "request for a proxy", value: origin }.into());
        };
        let mut head = [method, origin.as_bytes(), path].concat();
        if let Some(credentials) = &self.credentials {
            head.extend_from_slice(format!("Proxy-Authorization: {}\r\n", credentials.reveal()).as_bytes());
        }
        head.extend_from_slice(rest);
        wire.write_all(&head)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}
