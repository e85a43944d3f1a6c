//! What the tests share: a small HTTP server that misbehaves on demand, archives with any entry, and a second process.

#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use camino::{Utf8Path, Utf8PathBuf};
use fetch::{Fetcher, Silent, Transfer};
use model::source::{Mirror, Pin, Sha256, Upstream};
use model::text::path::Subdir;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What the server does with one request.
pub enum Reply {
    /// Answers in full, or from the asked offset.
    Serve(Vec<u8>),
    /// Answers in full whatever offset is asked, as a server without ranges does.
    ServeWhole(Vec<u8>),
    /// Announces all, sends up to this offset, hangs up.
    CutAt(Vec<u8>, usize),
    /// An error.
    Status(u16),
    /// Says nothing until the server is dropped.
    Hang,
}

type Log = Mutex<Vec<(String, Option<usize>)>>;

/// Listens on a free port until dropped.
pub struct Server {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// Path and offset of every request so far.
    pub requests: Arc<Log>,
}

impl Server {
    pub fn start(answer: impl Fn(&str, usize) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (stopped, log) = (stop.clone(), requests.clone());
        let thread = std::thread::spawn(move || {
            let mut hung = Vec::new();
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let stream = stream.unwrap();
                if let Some(stream) = serve(stream, &answer, &log) {
                    hung.push(stream);
                }
            }
        });
        Self { address, stop, thread: Some(thread), requests }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        self.thread.take().map(JoinHandle::join);
    }
}

fn serve(mut stream: TcpStream, answer: &dyn Fn(&str, usize) -> Reply, log: &Log) -> Option<TcpStream> {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let first = lines.next()?.ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let is_head = first.starts_with("HEAD ");
    let mut offset = None;
    for line in lines {
        let line = line.ok()?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            offset = range.trim_end_matches('-').parse().ok();
        }
    }
    let seen = {
        let mut log = log.lock().unwrap();
        log.push((path.clone(), offset));
        log.len()
    };
    // A client that goes away early is part of some tests.
    let mut send = |status: &str, extra: &str, length: usize, body: &[u8]| {
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{extra}\r\n");
        let _ = stream.write_all(head.as_bytes());
        if !is_head {
            let _ = stream.write_all(body);
        }
    };
    match answer(&path, seen) {
        Reply::Serve(body) => match offset {
            Some(from) if from >= body.len() => send("416 Range Not Satisfiable", "", 0, &[]),
            Some(from) => {
                let range = format!("Content-Range: bytes {from}-{}/{}\r\n", body.len() - 1, body.len());
                send("206 Partial Content", &range, body.len() - from, &body[from..]);
            }
            None => send("200 OK", "", body.len(), &body),
        },
        Reply::ServeWhole(body) => send("200 OK", "", body.len(), &body),
        Reply::CutAt(body, end) => match offset {
            Some(from) => {
                let range = format!("Content-Range: bytes {from}-{}/{}\r\n", body.len() - 1, body.len());
                send("206 Partial Content", &range, body.len() - from, &body[from.min(end)..end]);
            }
            None => send("200 OK", "", body.len(), &body[..end]),
        },
        Reply::Status(code) => send(&format!("{code} No"), "", 0, &[]),
        Reply::Hang => return Some(stream),
    }
    None
}

/// An entry of a tar file, as an attacker would write it: nothing is checked.
pub enum Item<'a> {
    File(&'a str, &'a [u8]),
    Script(&'a str, &'a [u8]),
    Link(&'a str, &'a str),
    Hard(&'a str, &'a str),
    Device(&'a str),
    Claims(&'a str, u64),
}

pub fn tar(items: &[Item<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for item in items {
        let (name, kind, link, body, mode, size): (&str, _, &str, &[u8], _, _) = match item {
            Item::File(name, body) => (name, tar::EntryType::Regular, "", body, 0o644, body.len() as u64),
            Item::Script(name, body) => (name, tar::EntryType::Regular, "", body, 0o4755, body.len() as u64),
            Item::Link(name, to) => (name, tar::EntryType::Symlink, to, b"", 0o777, 0),
            Item::Hard(name, to) => (name, tar::EntryType::Link, to, b"", 0o644, 0),
            Item::Device(name) => (name, tar::EntryType::Char, "", b"", 0o644, 0),
            Item::Claims(name, size) => (name, tar::EntryType::Regular, "", b"", 0o644, *size),
        };
        let mut header = tar::Header::new_gnu();
        let raw = header.as_gnu_mut().unwrap();
        raw.name[..name.len()].copy_from_slice(name.as_bytes());
        raw.linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(size);
        header.set_mtime(0);
        header.set_cksum();
        out.extend_from_slice(header.as_bytes());
        out.extend_from_slice(body);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A scratch directory with a cache and a repository in it.
pub struct Scene {
    _temp: tempfile::TempDir,
    pub root: Utf8PathBuf,
}

impl Scene {
    pub fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(temp.path().canonicalize().unwrap()).unwrap();
        std::fs::create_dir(root.join("repo")).unwrap();
        Self { _temp: temp, root }
    }

    /// A fetcher that loses patience in a second.
    pub fn fetcher(&self, offline: bool) -> Fetcher<'static> {
        fetcher(&self.root, offline)
    }

    pub fn cache(&self) -> Utf8PathBuf {
        self.root.join("cache")
    }

    /// Names below `cache/tmp/demo` and trees in the cache: what a failed fetch must not leave.
    pub fn leftovers(&self) -> Vec<String> {
        let mut found = Vec::new();
        for directory in [self.cache(), self.cache().join("tmp/demo")] {
            for entry in directory.read_dir_utf8().into_iter().flatten().flatten() {
                let name = entry.file_name().to_owned();
                if !["tmp", "locks", "downloads", "git", "debian"].contains(&name.as_str()) {
                    found.push(name);
                }
            }
        }
        found
    }
}

pub fn fetcher(root: &Utf8Path, offline: bool) -> Fetcher<'static> {
    let mut fetcher = Fetcher::new(root.join("cache"), root.join("repo"), offline, &Silent);
    let second = Duration::from_secs(1);
    fetcher.transfer = Transfer { connect: second, stall: second, ..Transfer::default() };
    fetcher
}

/// A pin `demo` whose upstream is out of reach, with these mirrors.
pub fn pin(tree: Option<Sha256>, mirrors: Vec<Mirror>) -> Pin {
    Pin {
        name: "demo".parse().unwrap(),
        version: "1.0".to_owned(),
        upstream: Upstream::Archive {
            url: "file:///nonexistent/upstream.tar.gz".to_owned(),
            sha256: Sha256::digest(b"upstream"),
            subdir: Subdir::default(),
        },
        submodules: false,
        tree,
        exclude: Vec::new(),
        mirrors,
        patches: Vec::new(),
        license: "MIT".to_owned(),
        license_files: Vec::new(),
    }
}

pub fn archive(url: String, body: &[u8]) -> Mirror {
    Mirror::Archive { url, sha256: Sha256::digest(body), subdir: Subdir::default() }
}

/// The digest of a tree with these files.
pub fn digest(files: &[(&str, &str)]) -> Sha256 {
    let temp = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(temp.path()).unwrap();
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    fetch::tree::tree_digest(root).unwrap().digest
}

/// This test program again, as a process of its own that runs the test `name` with `arguments` in `CHILD`.
pub fn child(name: &str, arguments: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([name, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env("CHILD", arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The words of `CHILD`, for the child.
pub fn arguments() -> Vec<String> {
    std::env::var("CHILD").unwrap_or_default().split(' ').map(str::to_owned).collect()
}

pub fn run(dir: &Utf8Path, program: &str, args: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "t").env(format!("GIT_{who}_EMAIL"), "t@example.org");
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
