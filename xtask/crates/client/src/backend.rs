//! A backend that answers: started from its package, or found at an address.

use std::path::PathBuf;
use std::time::Duration;

use tonic::Code;

use crate::process::Process;
use crate::{Client, Error, Known, Result, Stopped, Tail, health};

/// A connection breaks a moment before the process that held it can be seen to have ended.
const LAST_BREATH: Duration = Duration::from_secs(1);

/// What to start, and how.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The package: the directory that holds `run`.
    pub package: PathBuf,
    /// How long it may take until Health answers.
    pub wait: Duration,
    /// How long it may take to end after SIGTERM; then it is killed.
    pub grace: Duration,
    /// Pass on to stderr what the backend prints.
    pub echo: bool,
}

/// A healthy backend.
pub struct Backend {
    client: Client,
    known: Known,
    address: String,
    process: Option<(Process, Duration)>,
}

impl Backend {
    /// Starts the package and waits until it is healthy. A backend that does not get there is stopped.
    pub async fn start(launch: &Launch) -> Result<Self> {
        let mut process = Process::spawn(&launch.package, launch.echo)?;
        let begun = tokio::time::Instant::now();
        let address = process.address(launch.wait).await?.to_string();
        let mut client = Client::new(&address)?;
        let left = launch.wait.saturating_sub(begun.elapsed());
        let known = tokio::select! {
            known = meet(&mut client, &address, left) => known,
            death = process.death() => Err(death),
        };
        match known {
            Ok(known) => Ok(Self { client, known, address, process: Some((process, launch.grace)) }),
            Err(error) => Err(with_log(error, launch.wait, &process.log())),
        }
    }

    /// Reaches the backend that already listens at `address` (`HOST:PORT`).
    pub async fn connect(address: &str, wait: Duration) -> Result<Self> {
        let mut client = Client::new(address)?;
        let known = meet(&mut client, address, wait).await?;
        Ok(Self { client, known, address: address.to_owned(), process: None })
    }

    /// The calls of `backend.proto`.
    pub fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// What it said of itself.
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What it printed; none for one that was not started here.
    pub fn log(&self) -> Option<Tail> {
        self.process.as_ref().map(|(process, _)| process.log())
    }

    /// Turns a broken connection into what stands behind it, when the backend was seen to end.
    pub async fn explain(&mut self, error: Error) -> Error {
        let (Error::Call { doing, status }, Some((process, _))) = (&error, &mut self.process) else {
            return error;
        };
        if !matches!(status.code(), Code::Unavailable | Code::Unknown | Code::Internal | Code::Cancelled) {
            return error;
        }
        match process.ended(LAST_BREATH).await {
            Some(status) => Error::Crashed { doing: doing.clone(), status, log: process.log() },
            None => error,
        }
    }

    /// Stops the process that `start` started; one that was only found keeps running, and the answer is none.
    pub async fn stop(&mut self) -> Result<Option<Stopped>> {
        match &mut self.process {
            Some((process, grace)) => process.stop(*grace).await.map(Some),
            None => Ok(None),
        }
    }
}

/// Waits until it is healthy, and asks who it is.
async fn meet(client: &mut Client, address: &str, wait: Duration) -> Result<Known> {
    health::wait(client, address, wait).await?;
    let inspected = client.inspect().await?.unwrap_or_default();
    Ok(Known { backend: inspected.backend, version: inspected.version })
}

fn with_log(error: Error, wait: Duration, tail: &Tail) -> Error {
    let log = Some(tail.clone());
    match error {
        Error::Unhealthy { address, last, .. } => Error::Unhealthy { address, waited: wait, last, log },
        Error::Foreign { address, answer, .. } => Error::Foreign { address, answer, log },
        other => other,
    }
}
