//! The Health call, over plain HTTP/2: an open port alone would not tell a server that hangs from one that serves.

use crate::address;
use crate::frame::{Frame, PREFACE, flag, headers, kind};
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// A stream whose reads end by a given time, however slowly bytes come.
trait Channel: Read + Write {
    fn end_reads_after(&self, left: Duration) -> io::Result<()>;
}

impl Channel for TcpStream {
    fn end_reads_after(&self, left: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(left))?;
        self.set_write_timeout(Some(left))
    }
}

impl Channel for UnixStream {
    fn end_reads_after(&self, left: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(left))?;
        self.set_write_timeout(Some(left))
    }
}

/// How a backend is asked.
pub struct Call<'a> {
    /// `/PACKAGE.SERVICE/METHOD`, a call whose request is empty.
    pub path: &'a str,
    /// What the first field of the answer must be.
    pub ready: &'a str,
    /// What the server demands of its callers.
    pub token: Option<&'a str>,
}

impl Call<'_> {
    /// Whether the backend at `address` is ready, or why not.
    pub fn ask(&self, address: &str, patience: Duration) -> Result<(), String> {
        let until = Instant::now() + patience;
        if let Some(path) = address.strip_prefix("unix:") {
            let stream = UnixStream::connect(path).map_err(|error| format!("cannot connect: {error}"))?;
            return self.make(stream, until);
        }
        let target = address::to_connect(address)?;
        let stream = TcpStream::connect_timeout(&target, patience)
            .map_err(|error| format!("cannot connect: {error}"))?;
        self.make(stream, until)
    }

    fn make(&self, stream: impl Channel, until: Instant) -> Result<(), String> {
        let mut timed = Timed { stream, until };
        let answer =
            exchange(&mut timed, headers(self.path, self.token)).map_err(|error| match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => "connected, but no answer in time".to_owned(),
                ErrorKind::UnexpectedEof => "the connection was closed without an answer".to_owned(),
                _ => format!("asked, but {error}"),
            })?;
        if answer == self.ready {
            return Ok(());
        }
        Err(format!("asked, but it answers `{}` in place of `{}`", answer.escape_debug(), self.ready))
    }
}

struct Timed<S> {
    stream: S,
    until: Instant,
}

impl<S: Channel> Timed<S> {
    fn arm(&self) -> io::Result<()> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        self.stream.end_reads_after(left)
    }
}

impl<S: Channel> Read for Timed<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.arm()?;
        self.stream.read(buffer)
    }
}

impl<S: Channel> Write for Timed<S> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.arm()?;
        self.stream.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

pub fn exchange<S: Read + Write>(stream: &mut S, headers: Vec<u8>) -> io::Result<String> {
    stream.write_all(PREFACE)?;
    let frame = |kind, flags, stream, payload| Frame { kind, flags, stream, payload };
    frame(kind::SETTINGS, 0, 0, Vec::new()).write(stream)?;
    frame(kind::HEADERS, flag::END_HEADERS, 1, headers).write(stream)?;
    // An empty message: not compressed, of length zero.
    frame(kind::DATA, flag::END_STREAM, 1, vec![0; 5]).write(stream)?;
    let mut message = Vec::new();
    loop {
        let got = Frame::read(stream)?;
        match (got.kind, got.stream) {
            (kind::SETTINGS, 0) if got.flags & flag::ACK == 0 => {
                frame(kind::SETTINGS, flag::ACK, 0, Vec::new()).write(stream)?;
            }
            (kind::PING, 0) if got.flags & flag::ACK == 0 => {
                frame(kind::PING, flag::ACK, 0, got.payload).write(stream)?;
            }
            (kind::GO_AWAY, 0) => return Err(io::Error::other("the server is going away")),
            (kind::RESET, 1) => return Err(io::Error::other("the server gave the call up")),
            (kind::DATA, 1) => {
                message.extend(got.data());
                if let Some(text) = answer(&message)? {
                    return Ok(text);
                }
            }
            _ => {}
        }
        // Headers that end the stream are the trailers of a call that failed.
        if got.stream == 1
            && matches!(got.kind, kind::HEADERS | kind::DATA)
            && got.flags & flag::END_STREAM != 0
        {
            return Err(io::Error::other("the Health call failed"));
        }
    }
}

/// Bytes of the longest answer that is waited for.
const MOST: usize = 1024;

/// The first field of a gRPC message, once all of it is there.
fn answer(message: &[u8]) -> io::Result<Option<String>> {
    let Some((head, rest)) = message.split_first_chunk::<5>() else { return Ok(None) };
    let [compressed, a, b, c, d] = *head;
    if compressed != 0 {
        return Err(io::Error::other("the answer is compressed, which was not asked for"));
    }
    let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).map_err(io::Error::other)?;
    if length > MOST {
        return Err(io::Error::other("the answer is too long to be one"));
    }
    let Some(body) = rest.get(..length) else { return Ok(None) };
    Ok(Some(first(body).unwrap_or_default()))
}

/// The first field, if it is a short text; protobuf writes fields in their order.
fn first(body: &[u8]) -> Option<String> {
    let (&[tag, length], rest) = body.split_first_chunk::<2>()?;
    let text = (tag == 0x0a && length < 0x80).then(|| rest.get(..usize::from(length))).flatten()?;
    String::from_utf8(text.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    const CALL: Call<'static> = Call { path: "/backend.Backend/Health", ready: "OK", token: Some("secret") };

    /// What `entry health` says to a server that reads the call and answers with `frames`.
    fn asked(frames: Vec<Frame>, patience: Duration) -> Result<(), String> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut preface = vec![0; PREFACE.len()];
            stream.read_exact(&mut preface).unwrap();
            let asked: Vec<Frame> = (0..3).map(|_| Frame::read(&mut stream).unwrap()).collect();
            for frame in &frames {
                frame.write(&mut stream).unwrap();
            }
            if !frames.is_empty() {
                // Until the client hangs up, which is an error if it had not read everything.
                let _ = stream.read_to_end(&mut Vec::new());
            }
            (preface, asked)
        });
        let said = CALL.ask(&address, patience);
        let (preface, asked) = server.join().unwrap();
        assert_eq!(preface, PREFACE);
        assert_eq!(asked[1].payload, headers(CALL.path, CALL.token));
        assert_eq!((asked[2].flags, asked[2].payload.as_slice()), (flag::END_STREAM, &[0; 5][..]));
        said
    }

    fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Frame {
        Frame { kind, flags, stream, payload: payload.to_vec() }
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn a_server_that_answers_is_healthy() {
        let said = asked(
            vec![
                frame(kind::SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100]),
                frame(kind::PING, 0, 0, b"12345678"),
                frame(kind::HEADERS, flag::END_HEADERS, 1, &[0x88]),
                frame(kind::DATA, 0, 1, b"\0\0\0\0\x04\x0a"),
                frame(kind::DATA, 0, 1, b"\x02OK"),
                frame(kind::HEADERS, flag::END_HEADERS | flag::END_STREAM, 1, &[0x88]),
            ],
            LONG,
        );
        assert_eq!(said, Ok(()));
    }

    #[test]
    fn anything_else_is_not() {
        let failed = flag::END_HEADERS | flag::END_STREAM;
        for (frames, why) in [
            (vec![frame(kind::HEADERS, failed, 1, &[0x88])], "the Health call failed"),
            (vec![frame(kind::RESET, 0, 1, &[0, 0, 0, 2])], "gave the call up"),
            (vec![frame(kind::GO_AWAY, 0, 0, &[0; 8])], "going away"),
            (vec![frame(kind::DATA, 0, 1, b"\x01\0\0\0\0")], "compressed"),
            (vec![frame(kind::DATA, 0, 1, b"\0\xff\xff\xff\xff")], "too long"),
            (vec![frame(kind::DATA, flag::END_STREAM, 1, b"\0\0\0\0\x09ab")], "failed"),
            (vec![frame(kind::DATA, 0, 1, &[0; 5])], "answers `` in place of `OK`"),
            (
                vec![frame(kind::DATA, 0, 1, b"\0\0\0\0\x05\x0a\x03no\x1b")],
                "answers `no\\u{1b}` in place of `OK`",
            ),
            (vec![], "closed without an answer"),
        ] {
            let error = asked(frames, LONG).unwrap_err();
            assert!(error.contains(why), "{error}, expected {why}");
        }
    }

    #[test]
    fn a_server_that_hangs_is_given_up() {
        let error = asked(vec![frame(kind::SETTINGS, 0, 0, &[])], Duration::from_millis(300));
        assert_eq!(error.unwrap_err(), "connected, but no answer in time");
    }

    #[test]
    fn nobody_there_is_said() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(CALL.ask(&free.to_string(), LONG).unwrap_err().starts_with("cannot connect"));
        assert!(CALL.ask("unix:/nowhere/socket", LONG).unwrap_err().starts_with("cannot connect"));
    }
}
