//! A server of sccache for one build.
//!
//! The one that its clients start by themselves compiles for all of the machine, counts for all of it, and stays when whoever
//! started it is stopped or killed.

use crate::ccache::{Cache, Hits};
use camino::{Utf8Path, Utf8PathBuf};
use halt::{ChildError, Run, Stream};
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

/// Where clients find their server.
pub const PORT: &str = "SCCACHE_SERVER_PORT";
/// How often a server that was just started is looked for, and how long it gets in between.
const LOOKS: u32 = 500;
const PAUSE: Duration = Duration::from_millis(20);

/// A server that runs; it ends with this value, and so does all that it compiles.
#[derive(Debug)]
pub struct Server {
    program: Utf8PathBuf,
    variables: BTreeMap<String, String>,
    /// Its clients' variable for it.
    pub port: u16,
    _running: Stream,
}

impl Server {
    /// Starts one that keeps what it compiles in `cache`, and waits until it answers. `remote` tells it, and nobody else, of
    /// the cache that machines share.
    pub fn start(
        program: &Utf8Path,
        variables: &BTreeMap<String, String>,
        cache: &str,
        remote: BTreeMap<String, String>,
    ) -> io::Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut variables = variables.clone();
        variables.extend([("SCCACHE_DIR".to_owned(), cache.to_owned()), (PORT.to_owned(), port.to_string())]);
        let mut command = Command::new(program);
        command.env_clear().envs(&variables).envs(remote).current_dir("/");
        command.envs([
            ("SCCACHE_START_SERVER", "1"),
            ("SCCACHE_NO_DAEMON", "1"),
            ("SCCACHE_IDLE_TIMEOUT", "0"),
        ]);
        let running = Run::new(command).stream().map_err(ChildError::into_io)?;
        for _ in 0..LOOKS {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(Self { program: program.to_owned(), variables, port, _running: running });
            }
            halt::pause(PAUSE).map_err(io::Error::other)?;
        }
        Err(io::Error::other(format!("`{program}` was started as a server, and does not answer")))
    }

    /// What it did until now.
    pub fn hits(&self) -> io::Result<Hits> {
        let mut command = Command::new(&self.program);
        command.args(["--show-stats", "--stats-format=json"]).env_clear().envs(&self.variables);
        let output = Run::new(command).output().map_err(ChildError::into_io)?;
        Ok(parse(&output.stdout)?)
    }
}

/// What a program says that its version is.
pub fn version(program: &Utf8Path, variables: &BTreeMap<String, String>) -> io::Result<String> {
    let mut command = Command::new(program);
    command.arg("--version").env_clear().envs(variables);
    let output = Run::new(command).output().map_err(ChildError::into_io)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[derive(serde::Deserialize)]
struct Told {
    stats: Stats,
}

#[derive(serde::Deserialize)]
struct Stats {
    cache_hits: Counts,
    cache_misses: Counts,
    /// The caches that are asked in turn, this machine's first; none where there is but one.
    #[serde(default)]
    multi_level: Option<Vec<Level>>,
}

#[derive(serde::Deserialize)]
struct Level {
    hits: u32,
}

/// By language.
#[derive(serde::Deserialize)]
struct Counts {
    counts: BTreeMap<String, u32>,
}

fn parse(text: &[u8]) -> serde_json::Result<Hits> {
    let Told { stats } = serde_json::from_slice(text)?;
    let remote = stats.multi_level.iter().flatten().skip(1).map(|level| level.hits).sum();
    let all = |counts: Counts| counts.counts.into_values().sum();
    Ok(Hits {
        of: Cache::Sccache,
        direct: all(stats.cache_hits),
        preprocessed: 0,
        miss: all(stats.cache_misses),
        remote,
        ..Hits::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_added_up() {
        let text = br#"{"stats":{"compile_requests":9,"cache_hits":{"counts":{"C/C++":2,"CUDA":1}},
            "cache_misses":{"counts":{"C/C++":4}},"multi_level":[{"hits":1},{"name":"L1 (redis)","hits":2}]},"version":"0.16.0"}"#;
        assert_eq!(
            parse(text).unwrap(),
            Hits { of: Cache::Sccache, direct: 3, miss: 4, remote: 2, ..Hits::default() }
        );
        assert!(parse(b"sccache: error").is_err());
    }
}
