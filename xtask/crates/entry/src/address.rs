//! Where the backend listens, and where it is asked.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Reachable from outside the container: a backend by itself listens on the loopback alone.
const DEFAULT: &str = "0.0.0.0:50051";

/// Whether the arguments say already where to listen.
pub fn is_given(args: &[OsString]) -> bool {
    args.iter().any(|arg| arg == "--addr" || arg.as_encoded_bytes().starts_with(b"--addr="))
}

/// `$BACKEND_ADDR`, or the usual port on every interface.
pub fn of_environment(var: impl Fn(&str) -> Option<String>) -> String {
    var("BACKEND_ADDR").filter(|value| !value.is_empty()).unwrap_or_else(|| DEFAULT.to_owned())
}

/// What `--addr` says in a command line as `/proc/PID/cmdline` holds it; the last one counts.
pub fn of_command_line(cmdline: &[u8]) -> Option<String> {
    let words: Vec<&str> =
        cmdline.split(|byte| *byte == 0).filter_map(|word| str::from_utf8(word).ok()).collect();
    let last = words.iter().rposition(|word| *word == "--addr" || word.starts_with("--addr="))?;
    let value = match words[last].strip_prefix("--addr=") {
        Some(value) => value,
        None => words.get(last + 1)?,
    };
    Some(value.to_owned())
}

/// The address to connect to: a wildcard to listen on stands for this machine. Nothing is looked up: a backend listens
/// on an address, and the resolver of a static C library wants parts of the very same one in the image.
pub fn to_connect(address: &str) -> Result<SocketAddr, String> {
    let local = address.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let mut found: SocketAddr = local.as_deref().unwrap_or(address).parse().map_err(|_| {
        format!("`{address}` is no address to ask: expected IP:PORT, localhost:PORT or unix:PATH")
    })?;
    if found.ip().is_unspecified() {
        found.set_ip(match found.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_come_before_the_environment() {
        assert!(is_given(&["-v".into(), "--addr".into(), "x:1".into()]));
        assert!(is_given(&["--addr=x:1".into()]));
        assert!(!is_given(&["--address".into()]));
        assert_eq!(of_environment(|_| None), "0.0.0.0:50051");
        assert_eq!(of_environment(|_| Some(String::new())), "0.0.0.0:50051");
        assert_eq!(of_environment(|name| Some(format!("{name}:1"))), "BACKEND_ADDR:1");
    }

    #[test]
    fn the_last_address_of_a_command_line_counts() {
        let of = |words: &[&str]| of_command_line(words.join("\0").as_bytes());
        assert_eq!(of(&["/b/lib/ld.so", "server", "--addr", "[::]:7"]).as_deref(), Some("[::]:7"));
        assert_eq!(of(&["run", "--addr", "a:1", "--addr=b:2", ""]).as_deref(), Some("b:2"));
        assert_eq!(of(&["run", "--addr"]), None);
        assert_eq!(of(&["init"]), None);
    }

    #[test]
    fn a_wildcard_is_asked_on_the_loopback() {
        let of = |address: &str| to_connect(address).map(|found| found.to_string());
        assert_eq!(of("0.0.0.0:50051").unwrap(), "127.0.0.1:50051");
        assert_eq!(of("[::]:7").unwrap(), "[::1]:7");
        assert_eq!(of("127.0.0.2:7").unwrap(), "127.0.0.2:7");
        assert_eq!(of("localhost:7").unwrap(), "127.0.0.1:7");
        assert!(of("nonsense").unwrap_err().contains("IP:PORT"));
    }
}
