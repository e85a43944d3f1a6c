//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub const USAGE: &str = "\
usage: lexical [--addr HOST:PORT | --addr unix:PATH] [options]

Serves LocalAI's backend.Backend over gRPC. When it listens it prints one line on stdout: \"listening on ADDRESS\".

  --addr ADDRESS         where to listen; port 0 takes a free port (default 127.0.0.1:50051)
  --grace-seconds N      how long running requests may go on after SIGTERM or SIGINT (default 5); a second signal ends them
  --version
  --help
";

/// The longest grace.
const MOST_GRACE: u64 = 3600;

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Parsed {
    Help,
    Version,
    Serve { address: Address, grace: Duration },
}

/// Reads the arguments; a mistake is told in one sentence.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Parsed, String> {
    let mut address = Address::Tcp(SocketAddr::from(([127, 0, 0, 1], 50051)));
    let mut grace = 5;
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let (name, inline) = match argument.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (argument, None),
        };
        let mut value =
            || inline.clone().or_else(|| arguments.next()).ok_or_else(|| format!("{name} needs a value"));
        match name.as_str() {
            "--help" | "-h" => return Ok(Parsed::Help),
            "--version" => return Ok(Parsed::Version),
            "--addr" => address = self::address(&value()?)?,
            "--grace-seconds" => {
                let text = value()?;
                grace = text
                    .parse()
                    .ok()
                    .filter(|seconds| *seconds <= MOST_GRACE)
                    .ok_or_else(|| format!("--grace-seconds is `{text}`, expected 0 to {MOST_GRACE}"))?;
            }
            _ => return Err(format!("there is no option {name}; see --help")),
        }
    }
    Ok(Parsed::Serve { address, grace: Duration::from_secs(grace) })
}

fn address(text: &str) -> Result<Address, String> {
    if let Some(path) = text.strip_prefix("unix:") {
        return Ok(Address::Unix(path.into()));
    }
    let host = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    host.as_deref()
        .unwrap_or(text)
        .parse()
        .map(Address::Tcp)
        .map_err(|_| format!("--addr is `{text}`, expected IP:PORT or unix:PATH"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Result<Parsed, String> {
        parse(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn addresses_and_grace() {
        let serve = |address, grace| Ok(Parsed::Serve { address, grace: Duration::from_secs(grace) });
        let tcp = |text: &str| Address::Tcp(text.parse().unwrap());
        assert_eq!(of(&[]), serve(tcp("127.0.0.1:50051"), 5));
        assert_eq!(of(&["--addr", "localhost:0"]), serve(tcp("127.0.0.1:0"), 5));
        assert_eq!(of(&["--addr=[::1]:7", "--grace-seconds=3600"]), serve(tcp("[::1]:7"), 3600));
        assert_eq!(of(&["--addr", "unix:/a b"]), serve(Address::Unix("/a b".into()), 5));
    }

    #[test]
    fn mistakes_name_the_option() {
        for words in
            [&["--addr"][..], &["--addr", "x"], &["--grace-seconds", "-1"], &["--grace-seconds=3601"]]
        {
            let option = words[0].split('=').next().unwrap();
            assert!(of(words).unwrap_err().contains(option), "{words:?}");
        }
        assert!(of(&["--nonsense"]).unwrap_err().contains("--nonsense"));
    }
}
