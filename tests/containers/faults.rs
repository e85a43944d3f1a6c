//! A small HTTP proxy that misbehaves on demand: in front of a real registry, or alone with answers of its own.
//!
//! Crate `registry` includes this file in its own tests, so it depends on nothing.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// One request, as far as it was read.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// How many came before it.
    pub number: usize,
    pub method: String,
    /// Path and query.
    pub path: String,
    /// By lower-case name.
    pub headers: BTreeMap<String, String>,
    /// What was sent along; only known of requests that were answered here.
    pub body: Vec<u8>,
}

impl Asked {
    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// `METHOD /path?query`.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// What becomes of a request.
#[derive(Debug, Clone)]
pub enum Fate {
    /// It reaches the upstream, and the answer the client.
    Pass,
    /// It is answered here.
    Answer { status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8> },
    /// The upstream gets this many bytes of its body, then both connections break.
    CutRequest(usize),
    /// The client gets this many bytes of the answer, head included, then both connections break.
    CutAnswer(usize),
    /// Nothing is said until the proxy goes.
    Hang,
}

impl Fate {
    /// An answer without headers.
    pub fn answer(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Answer { status, headers: Vec::new(), body: body.into() }
    }

    /// An answer with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }
}

/// Decides about each request.
type Rule = dyn Fn(&Asked) -> Fate + Send + Sync;

/// What the threads of a proxy share.
struct Shared {
    upstream: Option<SocketAddr>,
    rule: Box<Rule>,
    stopped: AtomicBool,
    asked: Mutex<Vec<Asked>>,
    /// Connections that are kept open without an answer.
    hung: Mutex<Vec<TcpStream>>,
}

/// Listens on a free port of this machine until it is dropped.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Stands in front of `upstream`, a host and port.
    pub fn before(upstream: &str, rule: impl Fn(&Asked) -> Fate + Send + Sync + 'static) -> Self {
        Self::start(Some(upstream.parse().unwrap()), Box::new(rule))
    }

    /// Answers everything itself; what it lets pass is an error.
    pub fn alone(rule: impl Fn(&Asked) -> Fate + Send + Sync + 'static) -> Self {
        Self::start(None, Box::new(rule))
    }

    fn start(upstream: Option<SocketAddr>, rule: Box<Rule>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stopped, asked, hung) = (AtomicBool::new(false), Mutex::default(), Mutex::default());
        let shared = Arc::new(Shared { upstream, rule, stopped, asked, hung });
        let theirs = shared.clone();
        let thread = thread::spawn(move || {
            for client in listener.incoming() {
                if theirs.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let shared = theirs.clone();
                // A peer that goes away early is part of some tests.
                thread::spawn(move || client.and_then(|client| serve(client, &shared)).ok());
            }
        });
        Self { address, shared, thread: Some(thread) }
    }

    /// Host and port.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Every request so far, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// Methods and paths of every request so far, in order.
    pub fn lines(&self) -> Vec<String> {
        self.asked().iter().map(Asked::line).collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        for stream in self.shared.hung.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.thread.take().map(JoinHandle::join);
    }
}

/// One connection carries one request: the answer says so.
fn serve(mut client: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let (head, rest) = read_head(&mut client)?;
    let mut asked = parse(&head);
    {
        let mut log = shared.asked.lock().unwrap();
        asked.number = log.len();
        log.push(asked.clone());
    }
    let fate = (shared.rule)(&asked);
    match fate {
        Fate::Answer { status, headers, body } => {
            asked.body = read_body(&mut client, &asked, rest)?;
            shared.asked.lock().unwrap()[asked.number].body = asked.body;
            answer(client, &asked.method, status, &headers, &body)
        }
        Fate::Hang => {
            shared.hung.lock().unwrap().push(client);
            Ok(())
        }
        Fate::Pass => forward(&client, shared, &head, &rest, usize::MAX, usize::MAX),
        Fate::CutRequest(bytes) => forward(&client, shared, &head, &rest, bytes, usize::MAX),
        Fate::CutAnswer(bytes) => forward(&client, shared, &head, &rest, usize::MAX, bytes),
    }
}

/// The head of a request with its blank line, and what came with it.
fn read_head(client: &mut TcpStream) -> std::io::Result<(Vec<u8>, Vec<u8>)> {
    let (mut text, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(at) = text.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = text.split_off(at + 4);
            return Ok((text, rest));
        }
        match client.read(&mut buffer)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            n => text.extend_from_slice(&buffer[..n]),
        }
    }
}

fn parse(head: &[u8]) -> Asked {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.lines();
    let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Asked { number: 0, method, path, headers, body: Vec::new() }
}

fn read_body(client: &mut TcpStream, asked: &Asked, mut body: Vec<u8>) -> std::io::Result<Vec<u8>> {
    let length: usize = asked.header("content-length").parse().unwrap_or(0);
    if asked.header("expect").contains("100") {
        client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let missing = length.saturating_sub(body.len());
    client.take(missing as u64).read_to_end(&mut body)?;
    Ok(body)
}

fn answer(
    mut client: TcpStream,
    method: &str,
    status: u16,
    headers: &[(&'static str, String)],
    body: &[u8],
) -> std::io::Result<()> {
    let length = body.len();
    write!(client, "HTTP/1.1 {status} So\r\nConnection: close\r\nContent-Length: {length}\r\n")?;
    for (name, value) in headers {
        write!(client, "{name}: {value}\r\n")?;
    }
    client.write_all(b"\r\n")?;
    if method != "HEAD" {
        client.write_all(body)?;
    }
    Ok(())
}

/// Hands a request on, up to `up` bytes of its body, and its answer back, up to `down` bytes.
fn forward(
    client: &TcpStream,
    shared: &Shared,
    head: &[u8],
    rest: &[u8],
    up: usize,
    down: usize,
) -> std::io::Result<()> {
    let upstream = shared.upstream.expect("a proxy that stands alone lets nothing pass");
    let mut server = TcpStream::connect(upstream)?;
    let text = String::from_utf8_lossy(head);
    let kept = text.trim_end().lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    let mut lines: Vec<&str> = kept.collect();
    lines.push("Connection: close");
    server.write_all((lines.join("\r\n") + "\r\n\r\n").as_bytes())?;
    server.write_all(&rest[..rest.len().min(up)])?;
    let (from_client, to_server) = (client.try_clone()?, server.try_clone()?);
    let left = up - rest.len().min(up);
    thread::spawn(move || {
        if pump(from_client, &to_server, left) {
            // Both ends learn that this is no orderly end.
            let _ = to_server.shutdown(Shutdown::Both);
        }
    });
    pump(server, client, down);
    client.shutdown(Shutdown::Both)
}

/// Copies at most `limit` bytes. True if there would have been more.
fn pump(mut from: TcpStream, mut to: &TcpStream, limit: usize) -> bool {
    let (mut left, mut buffer) = (limit, vec![0; 64 * 1024]);
    while left > 0 {
        let wanted = buffer.len().min(left);
        match from.read(&mut buffer[..wanted]) {
            Ok(0) | Err(_) => return false,
            Ok(n) if to.write_all(&buffer[..n]).is_err() => return n > left,
            Ok(n) => left = if left == usize::MAX { left } else { left - n },
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    true
}
