//! No answer costs more than it may, whatever the server does.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic)]

mod common;

use camino::Utf8Path;
use common::faults::{Fate, Proxy};
use common::{PATIENCE, Server, get, wait};
use std::io::Write;
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use transfer::{Answer, Backoff, Body, Limit, Method, Patience, Request, TransferError, send, send_all};

const MIB: u64 = 1 << 20;

fn error(request: &Request<'_>) -> TransferError {
    send(request, &mut || {}).unwrap_err()
}

/// Begins as told, and goes on for ever.
fn endless(begin: &'static str, rest: &'static [u8]) -> Server {
    Server::start(move |mut client| {
        client.write_all(begin.as_bytes())?;
        loop {
            client.write_all(rest)?;
        }
    })
}

#[test]
fn an_answer_without_end_ends() {
    for begin in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
    ] {
        let server = endless(begin, b"8\r\n--------\r\n");
        let found = error(&get(&server.url()));
        assert!(matches!(found, TransferError::TooLarge { what: "answer", bytes: MIB }), "{begin}: {found}");
    }
}

#[test]
fn a_file_grows_no_further() {
    let dir = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(dir.path()).unwrap().join("file");
    let server = endless("HTTP/1.1 200 OK\r\n\r\n", &[0; 4096]);
    let url = server.url();
    let request = Request { answer: Answer::File(&path), ..get(&url) };
    assert!(matches!(error(&request), TransferError::TooLarge { bytes: MIB, .. }));
    assert!(path.metadata().unwrap().len() <= MIB);
}

/// A disk of 300 MiB, of which 256 stay free.
#[test]
fn a_disk_is_never_full() {
    let server = endless("HTTP/1.1 200 OK\r\n\r\n", &[0; 4096]);
    let announced = endless("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", &[0; 4096]);
    let dir = tempfile::tempdir().unwrap();
    for (server, most) in [(&server, 64 * MIB), (&announced, 0)] {
        let script = "mount -t tmpfs -o size=300m none \"$DIR\" && \"$@\" && stat -c 'left %s' \"$DIR/file\"";
        let output = std::process::Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
            .arg(std::env::current_exe().unwrap())
            .args(["downloads", "--exact", "--ignored", "--nocapture"])
            .envs([("DIR", dir.path().as_os_str()), ("URL", server.url().as_ref())])
            .output();
        let output = match output {
            Ok(output) if !String::from_utf8_lossy(&output.stderr).contains("unshare: ") => output,
            // macOS has no such thing, and some containers do not allow it.
            refused => return println!("no disk of one's own here: {refused:?}"),
        };
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("no room for"), "{said}{}", String::from_utf8_lossy(&output.stderr));
        let left = said.lines().find_map(|line| line.strip_prefix("left ")?.parse::<u64>().ok()).unwrap_or(0);
        assert!(left <= most, "{left}");
    }
}

#[test]
#[ignore = "run by `a_disk_is_never_full`"]
fn downloads() {
    let (Ok(dir), Ok(url)) = (std::env::var("DIR"), std::env::var("URL")) else { return };
    let file = Utf8Path::new(&dir).join("file");
    let request = Request { answer: Answer::File(&file), max_bytes: 1 << 40, ..get(&url) };
    println!("{}", error(&request));
}

#[test]
fn of_a_refusal_the_beginning_is_enough() {
    let dir = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(dir.path()).unwrap().join("file");
    let server = endless("HTTP/1.1 404 No\r\n\r\n", b"because ");
    let url = server.url();
    let response = send(&Request { answer: Answer::File(&path), ..get(&url) }, &mut || {}).unwrap();
    assert_eq!((response.status, &response.body[..8]), (404, &b"because "[..]));
    assert!(response.body.len() <= 64 << 10 && !path.exists());
}

#[test]
fn heads_are_bounded() {
    for (rest, wanted) in [(&b"x"[..], "head of the answer"), (b"A: b\r\n", "head")] {
        let server = endless("HTTP/1.1 200 OK\r\nA: b", rest);
        let text = error(&get(&server.url())).to_string();
        assert!(text.contains(wanted), "{text}");
    }
    let server = endless("SSH-2.0-OpenSSH_9.2\r\n", b"what?\r\n");
    assert!(matches!(error(&get(&server.url())), TransferError::Malformed(_)));
}

#[test]
fn nothing_that_goes_with_an_answer_has_no_end() {
    // Answers before the answer, the extension of a chunk, what follows the last chunk.
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let extension: &'static str = Box::leak(format!("{chunked}1;").into_boxed_str());
    let trailer: &'static str = Box::leak(format!("{chunked}0\r\n").into_boxed_str());
    for (begin, rest) in [
        ("HTTP/1.1 103 Early Hints\r\n\r\n", &b"HTTP/1.1 103 Early Hints\r\n\r\n"[..]),
        ("HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (extension, b"xxxxxxxxxxxxxxxx"),
        (trailer, b"A: b\r\n"),
        (trailer, b"xxxxxxxxxxxxxxxx"),
    ] {
        let server = endless(begin, rest);
        let text = error(&get(&server.url())).to_string();
        let ends =
            ["head of the answer is larger", "answer with what goes along is larger", "reading stalled"];
        assert!(ends.iter().any(|end| text.contains(end)), "{begin:?}: {text}");
    }
}

#[test]
fn many_answers_share_their_memory() {
    let proxy = Proxy::alone(|_| Fate::answer(200, vec![b'x'; 300 << 10]));
    let url = format!("http://{}/", proxy.address());
    let (answers, error) = send_all(&vec![get(&url); 8], 2, Duration::from_secs(30), MIB);
    assert!(
        matches!(error, Some(TransferError::TooLarge { what: "sum of all answers", bytes: MIB })),
        "{error:?}"
    );
    assert!(answers.iter().flatten().count() <= 3);
}

#[test]
fn all_tries_end_together() {
    let proxy = Proxy::alone(|_| Fate::answer(503, ""));
    let url = format!("http://{}/", proxy.address());
    let hour = Duration::from_hours(1);
    let backoff = Backoff { tries: 1000, first: hour, longest: hour, patience: hour };
    let patience = Patience { total: Duration::from_secs(1), backoff, ..PATIENCE };
    assert_eq!(send(&Request { patience, ..get(&url) }, &mut || {}).unwrap().status, 503);
}

#[test]
fn what_headers_hold_is_not_told() {
    let said = |head: &'static str| {
        let server = Server::start(move |mut client| client.write_all(head.as_bytes()));
        let url = server.url();
        let request = Request { redirects: transfer::Redirects::Anywhere, ..get(&url) };
        match send(&request, &mut || {}) {
            Ok(response) => format!("{response:?}"),
            Err(error) => format!("{error} {error:?}"),
        }
    };
    for head in [
        "HTTP/1.1 200 OK\r\nX-Token: s3cret\r\nSet-Cookie: s3cret\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-Token: s3cret\x01\r\n\r\n",
        "HTTP/1.1 200 OK\r\ns3cret\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: s3cret\r\n\r\n",
        "HTTP/1.1 302 No\r\nLocation: https://a:s3cret@b/\x01?s3cret\r\n\r\n",
        "HTTP/1.1 302 No\r\nLocation: ftp://b/?s3cret\r\nContent-Length: 0\r\n\r\n",
        "s3cret\r\n\r\n",
    ] {
        let text = said(head);
        assert!(!text.contains("s3cret"), "{head:?}: {text}");
    }
    let url = "http://127.0.0.1:1/";
    let error = error(&Request { headers: vec![("X-A", "s3cret\n")], ..get(url) });
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
}

/// A byte now and then, in the head or behind it.
fn dripping(begin: &'static str, every: Duration) -> Server {
    Server::start(move |mut client| {
        client.write_all(begin.as_bytes())?;
        loop {
            wait(&mut client, every)?;
            client.write_all(b"x")?;
        }
    })
}

#[test]
fn drops_do_not_make_an_answer() {
    let whole = Some(Duration::from_millis(300));
    for begin in ["HTTP/1.1 200 OK\r\nA: ", "HTTP/1.1 200 OK\r\n\r\n"] {
        let server = dripping(begin, Duration::from_millis(20));
        let found = error(&Request { patience: Patience { whole, ..PATIENCE }, ..get(&server.url()) });
        assert!(matches!(found, TransferError::Late { limit: Limit::Whole, .. }), "{begin}: {found}");
    }
    // Without a limit for the whole: the head is to come soon, and the body to move.
    for (begin, idle) in [("HTTP/1.1 200 OK\r\nA: ", 300), ("HTTP/1.1 200 OK\r\n\r\n", 2000)] {
        let server = dripping(begin, Duration::from_millis(idle * 9 / 10));
        let idle = Duration::from_millis(idle);
        let found = error(&Request { patience: Patience { idle, ..PATIENCE }, ..get(&server.url()) });
        assert!(matches!(found, TransferError::Late { limit: Limit::Idle, .. }), "{begin}: {found}");
    }
}

#[test]
fn silence_ends() {
    let idle = Duration::from_millis(200);
    for begin in ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun"] {
        let server = Server::start(move |mut client| {
            client.write_all(begin.as_bytes())?;
            wait(&mut client, Duration::from_mins(1))
        });
        let text =
            error(&Request { patience: Patience { idle, ..PATIENCE }, ..get(&server.url()) }).to_string();
        assert!(text.contains("no answer in time: nothing came for 200ms"), "{text}");
    }
}

#[test]
fn what_breaks_is_not_whole() {
    let server =
        Server::start(|mut client| client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun"));
    let found = error(&get(&server.url()));
    assert!(matches!(found, TransferError::Broken(_)) && found.may_pass(), "{found}");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let text = error(&get(&format!("http://{closed}/"))).to_string();
    assert!(text.starts_with(&format!("cannot connect to {closed}: ")), "{text}");
}

#[test]
fn nothing_is_sent_that_would_mean_something_else() {
    let proxy = Proxy::alone(|_| Fate::answer(200, ""));
    let url = format!("http://{}/", proxy.address());
    for value in ["a\r\nEvil: yes", "a\0"] {
        let request = Request { headers: vec![("X-A", value)], ..get(&url) };
        assert!(matches!(error(&request), TransferError::Unusable { .. }));
    }
    assert!(proxy.lines().is_empty());
}

#[test]
fn a_part_of_a_file_is_sent_or_nothing_is_done() {
    let dir = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(dir.path()).unwrap().join("file");
    std::fs::write(&path, "0123456789").unwrap();
    let proxy = Proxy::alone(|_| Fate::answer(201, ""));
    let url = format!("http://{}/", proxy.address());
    let part = |from, length| Request {
        method: Method::Put,
        body: Body::File { path: &path, from, length },
        ..get(&url)
    };
    assert_eq!(send(&part(3, 4), &mut || {}).unwrap().status, 201);
    assert_eq!(proxy.asked()[0].body, b"3456");
    let text = error(&part(3, 8)).to_string();
    assert!(text.contains("became shorter") || text.contains("too early"), "{text}");
}

#[test]
fn a_refusal_is_heard_by_who_is_still_sending() {
    let dir = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(dir.path()).unwrap().join("file");
    std::fs::write(&path, vec![0; 32 << 20]).unwrap();
    let refuse = |mut client: std::net::TcpStream| {
        client.write_all(b"HTTP/1.1 413 No\r\nContent-Length: 8\r\nConnection: close\r\n\r\ntoo much")
    };
    let server = Server::start(refuse);
    let url = server.url();
    let body = Body::File { path: &path, from: 0, length: 32 << 20 };
    let response = send(&Request { method: Method::Put, body, ..get(&url) }, &mut || {}).unwrap();
    assert_eq!((response.status, response.body.as_slice()), (413, &b"too much"[..]));
    let server = Server::start(|_| Ok(()));
    let url = server.url();
    let found = error(&Request { method: Method::Put, body, ..get(&url) });
    assert!(matches!(found, TransferError::Broken(_)), "{found}");
}

#[test]
fn no_more_at_a_time_than_asked_for() {
    let (now, most) = (AtomicUsize::new(0), std::sync::Arc::new(AtomicUsize::new(0)));
    let seen = most.clone();
    let server = Server::start(move |mut client| {
        seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let waited = wait(&mut client, Duration::from_millis(20));
        now.fetch_sub(1, Ordering::SeqCst);
        waited?;
        client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    });
    let url = server.url();
    let requests = vec![get(&url); 20];
    let (answers, error) = send_all(&requests, 4, Duration::from_secs(30), MIB);
    assert!(error.is_none() && answers.iter().all(Option::is_some));
    let most = most.load(Ordering::SeqCst);
    assert!((2..=4).contains(&most), "{most}");
}

#[test]
fn many_end_together_and_keep_what_was_answered() {
    let proxy = Proxy::alone(|asked| if asked.path == "/2" { Fate::Hang } else { Fate::answer(200, "") });
    let urls: Vec<String> = (0..4).map(|at| format!("http://{}/{at}", proxy.address())).collect();
    let requests: Vec<_> = urls.iter().map(|url| get(url)).collect();
    let (answers, error) = send_all(&requests, 4, Duration::from_millis(400), MIB);
    assert!(error.is_some_and(|error| error.to_string().contains("no answer in time")));
    assert_eq!(answers.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false, true]);
}

#[test]
fn what_may_pass_is_tried_again_and_then_told() {
    let millisecond = Duration::from_millis(1);
    let backoff = Backoff { tries: 3, first: millisecond, longest: millisecond, patience: millisecond };
    let patience = Patience { backoff, ..PATIENCE };
    let proxy = Proxy::alone(|asked| Fate::answer(if asked.number < 2 { 503 } else { 200 }, ""));
    let url = format!("http://{}/", proxy.address());
    assert_eq!(send(&Request { patience, ..get(&url) }, &mut || {}).unwrap().status, 200);
    let proxy = Proxy::alone(|_| Fate::answer(503, "why"));
    let url = format!("http://{}/", proxy.address());
    let response = send(&Request { patience, ..get(&url) }, &mut || {}).unwrap();
    assert_eq!((response.status, response.body.as_slice(), proxy.lines().len()), (503, &b"why"[..], 3));
}
