//! Whether a compiler cache that machines share answers, and answers us.

use super::Remote;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use halt::Stopped;
use model::compiler_cache::{RemoteCache, Server};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

/// Why a cache is of no use.
#[derive(Debug, thiserror::Error)]
pub enum Silence {
    /// It cannot be spoken to.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It said nothing in time.
    #[error("no answer within {} ms", .0.as_millis())]
    Late(Duration),
    /// It does not want us.
    #[error("it refuses us: {0}")]
    Refused(String),
    /// Somebody wants to stop.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Asks it, and waits no longer than that for all of the answer. What is no server of ours is taken to be there: Amazon's and
/// GitHub's are asked by sccache alone.
pub fn ask(remote: &Remote, within: Duration) -> Result<(), Silence> {
    let Some(server) = remote.place.server().cloned() else { return Ok(()) };
    let question = question(remote, &server);
    let (answer, answered) = channel();
    // A name's address is looked up for as long as the system likes: whoever waits for that must be another.
    drop(thread::Builder::new().spawn(move || answer.send(exchange(&server, &question, within))));
    let said = halt::receive(&answered, within)?.ok_or(Silence::Late(within))?;
    match said {
        Ok(line) => judge(&remote.place, &line),
        Err(error) if is_late(&error) => Err(Silence::Late(within)),
        Err(error) => Err(error.into()),
    }
}

fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}

/// What is said to it: nothing that changes anything.
fn question(remote: &Remote, server: &Server) -> Vec<u8> {
    let login = remote.login.as_ref();
    if let RemoteCache::Redis(_) = remote.place {
        let Some(login) = login else { return words(&["PING"]) };
        let (name, password) = (login.name(), login.password());
        let words_of = name.iter().map(String::as_str).chain([password.as_str()]);
        return words(&["AUTH"].into_iter().chain(words_of).collect::<Vec<_>>());
    }
    let authorization = login.map_or_else(String::new, |login| {
        let name = login.name().unwrap_or_default();
        format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{name}:{}", login.password())))
    });
    let Server { host, port, path } = server;
    format!("GET /{path} HTTP/1.1\r\nHost: {host}:{port}\r\n{authorization}Connection: close\r\n\r\n")
        .into_bytes()
}

/// A command as Redis reads it, whatever its words hold.
fn words(words: &[&str]) -> Vec<u8> {
    let mut text = format!("*{}\r\n", words.len());
    for word in words {
        text.extend([format!("${}\r\n", word.len()).as_str(), word, "\r\n"]);
    }
    text.into_bytes()
}

fn exchange(server: &Server, question: &[u8], within: Duration) -> io::Result<String> {
    let until = Instant::now() + within;
    let left = || until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    let mut last = io::Error::new(io::ErrorKind::NotFound, "its name has no address");
    for address in (server.host.as_str(), server.port).to_socket_addrs()? {
        let mut stream = match TcpStream::connect_timeout(&address, left()) {
            Ok(stream) => stream,
            Err(error) => {
                last = error;
                continue;
            }
        };
        stream.set_write_timeout(Some(left()))?;
        stream.write_all(question)?;
        stream.set_read_timeout(Some(left()))?;
        let mut line = String::new();
        BufReader::new(stream.take(LINE)).read_line(&mut line)?;
        return Ok(line.trim_end().to_owned());
    }
    Err(last)
}

/// More than this of an answer's first line is not read.
const LINE: u64 = 512;

fn judge(place: &RemoteCache, line: &str) -> Result<(), Silence> {
    let is_well = if let RemoteCache::Redis(_) = place {
        line == "+PONG" || line == "+OK"
    } else {
        let code = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
        // Most caches have nothing at their root.
        code.is_some_and(|code| code.starts_with(['2', '3']) || ["403", "404", "405"].contains(&code))
    };
    let said: String = line.chars().filter(|c| !c.is_control()).take(100).collect();
    let said = if said.is_empty() { "it hangs up".to_owned() } else { said };
    is_well.then_some(()).ok_or(Silence::Refused(said))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::compiler_cache::Login;
    use std::net::TcpListener;

    /// A server that reads one question, answers it so, and tells what it was asked.
    fn answering(scheme: &str, answer: &'static str, login: Option<&str>) -> (Result<(), Silence>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let asked = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 400];
            let count = stream.read(&mut asked).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&asked[..count]).into_owned()
        });
        let login = login.map(|who| Login::parse(&format!("{scheme}://{who}@{at}")).unwrap());
        let remote = Remote { place: format!("{scheme}://{at}").parse().unwrap(), login, read_only: false };
        (ask(&remote, Duration::from_mins(1)), asked.join().unwrap())
    }

    #[test]
    fn it_must_answer_and_want_us() {
        let (well, asked) = answering("redis", "+PONG\r\n", None);
        well.unwrap();
        assert_eq!(asked, "*1\r\n$4\r\nPING\r\n");
        let (well, asked) = answering("redis", "+OK\r\n", Some("me:s3%40ret"));
        well.unwrap();
        assert_eq!(asked, "*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$6\r\ns3@ret\r\n");
        let (refused, _) = answering("redis", "-WRONGPASS invalid\r\n", Some("word"));
        assert_eq!(refused.unwrap_err().to_string(), "it refuses us: -WRONGPASS invalid");
        let (well, asked) = answering("http", "HTTP/1.1 404 Not Found\r\n\r\n", Some("me:word"));
        well.unwrap();
        assert!(asked.contains("Authorization: Basic bWU6d29yZA=="), "{asked}");
        let (refused, _) = answering("http", "HTTP/1.1 401 Unauthorized\r\n\r\n", None);
        assert!(refused.unwrap_err().to_string().contains("401"));
        assert!(answering("redis", "", None).0.unwrap_err().to_string().contains("hangs up"));
    }

    #[test]
    fn who_is_not_there_or_says_nothing_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = format!("redis://{}", listener.local_addr().unwrap()).parse().unwrap();
        let remote = Remote { place, login: None, read_only: false };
        let silent = ask(&remote, Duration::from_millis(30)).unwrap_err();
        assert_eq!(silent.to_string(), "no answer within 30 ms");
        drop(listener);
        assert!(matches!(ask(&remote, Duration::from_mins(1)), Err(Silence::Io(_))));
    }
}
