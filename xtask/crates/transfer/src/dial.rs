//! Makes connections: to a server or through a proxy, encrypted or not.

use crate::error::{Expired, TransferError};
use crate::link::{Link, Through};
use crate::patience::Limit;
use crate::proxy::{Proxies, Proxy};
use crate::tls;
use crate::url::{Origin, Url};
use crate::wire::Wire;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, NextTimeout};

/// Nobody waits longer for a connection, whatever is asked for.
const LONGEST: Duration = Duration::from_mins(5);
/// Bytes of the longest answer of a proxy.
const HEAD: usize = 16 << 10;

/// Makes every connection of an agent.
#[derive(Debug)]
pub(crate) struct Dialer(pub(crate) Proxies);

impl Connector for Dialer {
    type Out = Link;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Link>, ureq::Error> {
        let url = Url::parse(&details.uri.to_string()).map_err(io::Error::from)?;
        let (origin, proxy) = (url.origin(), self.0.of(url.origin()).map_err(io::Error::from)?);
        let limit = details.timeout.not_zero().map_or(LONGEST, |limit| (*limit).min(LONGEST));
        let until = Instant::now() + limit;
        let mut wire = reach(proxy.as_ref().map_or(origin, |proxy| &proxy.origin), until, limit)?;
        wire.limit(Some((until, Limit::Connect)), None);
        if !origin.is_encrypted() {
            let through = proxy.map(|proxy| Through {
                origin: format!("http://{}", origin.authority()),
                credentials: proxy.credentials,
            });
            return Ok(Some(Link::plain(wire, through)));
        }
        if let Some(proxy) = proxy {
            tunnel(&mut wire, origin, &proxy)?;
        }
        Ok(Some(Link::encrypted(tls::wrap(wire, origin)?)))
    }
}

/// Neither the look-up of a name nor a connection in the making can be interrupted, so another thread waits for them.
fn reach(origin: &Origin, until: Instant, limit: Duration) -> io::Result<Wire> {
    let (sender, receiver) = sync_channel(1);
    let (host, port) = (origin.host().to_owned(), origin.port());
    thread::Builder::new().spawn(move || sender.send(open(&host, port, until)))?;
    let opened = halt::receive(&receiver, limit).map_err(TransferError::from)?;
    let opened = opened.ok_or_else(|| io::Error::other(Expired(Limit::Connect)))?;
    opened.and_then(Wire::new).map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut => io::Error::other(Expired(Limit::Connect)),
        _ => TransferError::Unreachable { to: origin.authority(), reason: error.to_string() }.into(),
    })
}

/// Each address has an equal share of the time.
fn open(host: &str, port: u16, until: Instant) -> io::Result<TcpStream> {
    let addresses: Vec<_> = (host, port).to_socket_addrs()?.collect();
    let mut failed = io::Error::other("its name has no address");
    for (at, address) in addresses.iter().enumerate() {
        let left = until.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - at).unwrap_or(u32::MAX);
        match TcpStream::connect_timeout(address, share.max(Duration::from_millis(1))) {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// Has a proxy connect to the origin.
fn tunnel(wire: &mut Wire, origin: &Origin, proxy: &Proxy) -> io::Result<()> {
    let to = origin.authority();
    let mut ask = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n");
    if let Some(credentials) = &proxy.credentials {
        ask.extend(["Proxy-Authorization: ", credentials.reveal(), "\r\n"]);
    }
    ask.push_str("\r\n");
    wire.write_all(ask.as_bytes())?;
    let mut head = Vec::new();
    // What comes behind the head is for whoever uses the tunnel.
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if head.len() >= HEAD || wire.read(&mut byte)? == 0 {
            break;
        }
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head);
    let status = head.split(' ').nth(1).unwrap_or_default();
    if head.starts_with("HTTP/1.") && status.len() == 3 && status.starts_with('2') {
        return Ok(());
    }
    let line = head.lines().next().filter(|line| !line.is_empty()).unwrap_or("nothing");
    let reason = format!("the proxy {} answered {line:.200}", proxy.origin.authority());
    Err(TransferError::Unreachable { to, reason }.into())
}

/// Names are looked up where connections are made.
#[derive(Debug)]
pub(crate) struct Unresolved;

impl Resolver for Unresolved {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}
