//! TLS with a server that is not ours, by authorities that are made for the test.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic)]

mod common;

use common::child;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

/// A directory with an authority, and what it says of `localhost`.
struct Authority {
    dir: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let authority = Self { dir: tempfile::tempdir().unwrap() };
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        authority.openssl(&[
            &["req", "-x509", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"],
            &key[..],
        ]);
        authority.openssl(&[
            &["req", "-subj", "/CN=server", "-keyout", "key.pem", "-out", "request.pem"],
            &key[..],
        ]);
        fs::write(authority.path("names"), "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
            .unwrap();
        let sign =
            ["x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
        authority.openssl(&[&sign, &["-extfile", "names", "-out", "cert.pem"]]);
        authority
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn openssl(&self, args: &[&[&str]]) {
        let output =
            Command::new("openssl").args(args.concat()).current_dir(self.dir.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Answers with files that hold whole answers, on a free port.
struct Server {
    child: Child,
    port: String,
}

impl Server {
    fn start(authority: &Authority, dir: &Path) -> Self {
        let mut command = Command::new("openssl");
        command
            .args(["s_server", "-accept", "127.0.0.1:0", "-HTTP", "-cert"])
            .arg(authority.path("cert.pem"));
        command.arg("-key").arg(authority.path("key.pem")).current_dir(dir);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let port = lines
            .find_map(|line| Some(line.strip_prefix("ACCEPT ")?.rsplit_once(':')?.1.to_owned()))
            .unwrap();
        // It goes on talking.
        thread::spawn(move || lines.for_each(drop));
        Self { child, port }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A proxy that connects to this port whatever it is asked for, and the heads of what it was asked.
fn tunnel(port: String) -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            client.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        sender.send(String::from_utf8(head).unwrap()).unwrap();
        let mut server = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        thread::spawn(move || drop(std::io::copy(&mut from, &mut to)));
        drop(std::io::copy(&mut server, &mut client));
    });
    (address, receiver)
}

#[test]
fn only_who_can_show_its_name_is_asked() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let dir = tempfile::tempdir().unwrap();
    let large = "y".repeat(300_000);
    fs::write(dir.path().join("page"), format!("HTTP/1.1 200 OK\r\n\r\n{large}")).unwrap();
    let down = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://127.0.0.1:1/x\r\n\r\n";
    fs::write(dir.path().join("down"), down).unwrap();
    let server = Server::start(&authority, dir.path());
    let ask = |host: &str, page: &str, by: &Authority, more: &[(&str, &str)]| {
        let (url, file) = (format!("https://{host}/{page}"), by.path("ca.pem"));
        let mut variables =
            vec![("URL", url.as_str()), ("SSL_CERT_FILE", file.to_str().unwrap()), ("SSL_CERT_DIR", "")];
        variables.extend(more);
        child("asks", &variables)
    };
    let host = format!("localhost:{}", server.port);
    let said = ask(&host, "page", &authority, &[]);
    assert!(said.contains(&format!("200 {large}\n")), "{said:.400}");
    for (host, by) in [(host.as_str(), &stranger), (&host.replace("localhost", "127.0.0.1"), &authority)] {
        let said = ask(host, "page", by, &[]);
        assert!(said.contains("cannot show that it is") && !said.contains("200"), "{said}");
    }
    let said = ask(&host, "down", &authority, &[]);
    assert!(said.contains("it redirects to http://127.0.0.1:1/x, which is not encrypted"), "{said}");
    let said = ask(&host, "page", &authority, &[("SSL_CERT_FILE", "/nonexistent")]);
    assert!(said.contains("knows no authorities"), "{said}");

    // Through a proxy, the name that is to be shown is still the server's.
    let (proxy, heads) = tunnel(server.port.clone());
    let said = ask("files.example", "page", &authority, &[("https_proxy", &proxy)]);
    assert!(said.contains("files.example cannot show that it is files.example"), "{said}");
    assert!(heads.recv().unwrap().starts_with("CONNECT files.example:443 HTTP/1.1\r\n"));
}

#[test]
#[ignore = "run by the other, as a process of its own"]
fn asks() {
    common::ask();
}
