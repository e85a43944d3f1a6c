//! What the tests share: a patience without any, servers that do as they like, and this program as a process of its own.

#![allow(dead_code, clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../../../../tests/containers/faults.rs"]
pub mod faults;

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use transfer::{Backoff, Method, Patience, Request};

pub const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(5),
    idle: Duration::from_secs(5),
    whole: None,
    total: Duration::from_mins(1),
    backoff: Backoff::ONCE,
};

/// A request with patience and a mebibyte for the answer.
pub fn get(url: &str) -> Request<'_> {
    Request::new(Method::Get, url, PATIENCE, 1 << 20)
}

/// Listens on a free port until dropped.
pub struct Server {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Each connection is for `answer` once the head of a request was read.
    pub fn start(answer: impl Fn(TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stopped, answer) = (Arc::new(AtomicBool::new(false)), Arc::new(answer));
        let theirs = stopped.clone();
        let thread = thread::spawn(move || {
            for client in listener.incoming() {
                if theirs.load(Ordering::SeqCst) {
                    return;
                }
                let answer = answer.clone();
                // A client that goes away is part of every test.
                thread::spawn(move || client.and_then(head).and_then(|client| answer(client)).ok());
            }
        });
        Self { address, stopped, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        self.thread.take().map(JoinHandle::join);
    }
}

fn head(client: TcpStream) -> std::io::Result<TcpStream> {
    for line in BufReader::new(client.try_clone()?).lines() {
        if line?.is_empty() {
            break;
        }
    }
    Ok(client)
}

/// Nothing comes from the client any more: how long it takes to find that out is as long as one likes.
pub fn wait(client: &mut TcpStream, time: Duration) -> std::io::Result<()> {
    client.set_read_timeout(Some(time))?;
    match client.read(&mut [0]) {
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(()),
        Ok(_) => Err(std::io::ErrorKind::UnexpectedEof.into()),
        Err(error) => Err(error),
    }
}

/// What the ignored test `name` says when it runs as a process of its own, with these variables and no proxies.
pub fn child(name: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([name, "--exact", "--ignored", "--nocapture"]);
    for proxy in
        ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"]
    {
        command.env_remove(proxy);
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Asks for what `URL` names, and says what comes of it: the other half of [`child`].
pub fn ask() {
    let Ok(url) = std::env::var("URL") else { return };
    let request = Request { redirects: transfer::Redirects::Anywhere, ..get(&url) };
    match transfer::send(&request, &mut || {}) {
        Ok(response) => println!("{} {}", response.status, String::from_utf8_lossy(&response.body)),
        Err(error) => println!("{error}"),
    }
}
