//! A backend that answers: started from its package, or found at an address.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Pid;
use tonic::Code;

use crate::connection::{TOKEN, token_of_environment};
use crate::process::Process;
use crate::{Client, Contract, Error, Known, Result, Stopped, Tail, health};

/// A connection breaks a moment before the process that held it can be seen to have ended.
const LAST_BREATH: Duration = Duration::from_secs(1);

/// What to start, and how.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The package: the directory that holds `run.sh`.
    pub package: PathBuf,
    /// Its own service.
    pub contract: Contract,
    /// How long it may take until Health answers.
    pub wait: Duration,
    /// How long it may take to end after SIGTERM; then it is killed.
    pub grace: Duration,
    /// Pass on to stderr what the backend prints.
    pub echo: bool,
    /// Variables beside those of this program.
    pub environment: Vec<(String, String)>,
    /// Make the package the root of its file system: it sees nothing else.
    pub alone: bool,
    /// This program, which starts the backend in its turn, as its parent.
    pub parent: Option<PathBuf>,
}

impl Launch {
    /// A package as it is.
    pub fn new(package: PathBuf, wait: Duration, grace: Duration) -> Self {
        let contract = Contract::default();
        let (echo, environment, alone, parent) = (false, Vec::new(), false, None);
        Self { package, contract, wait, grace, echo, environment, alone, parent }
    }

    /// The directory that is the backend's root, where that is not this program's.
    pub fn root(&self) -> Option<&Path> {
        self.alone.then_some(&self.package)
    }
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
        let mut process = Process::spawn(launch)?;
        let address = process.address().to_string();
        let own = launch.environment.iter().find(|(name, _)| name == TOKEN).map(|(_, token)| token.clone());
        let token = own.or_else(token_of_environment);
        let mut client = Client::new(&address, &launch.contract, token.as_deref())?;
        let known = tokio::select! {
            biased;
            death = process.death() => Err(death),
            known = meet(&mut client, &address, &launch.contract, launch.wait) => known,
        };
        match known {
            Ok(known) => Ok(Self { client, known, address, process: Some((process, launch.grace)) }),
            Err(error) => Err(with_log(error, &process.log())),
        }
    }

    /// Reaches the backend that already listens at `address` (`HOST:PORT`).
    pub async fn connect(address: &str, contract: &Contract, wait: Duration) -> Result<Self> {
        let mut client = Client::new(address, contract, token_of_environment().as_deref())?;
        let known = meet(&mut client, address, contract, wait).await?;
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

    /// The group of its processes; none for one that was not started here.
    pub(crate) fn group(&self) -> Option<Pid> {
        self.process.as_ref().and_then(|(process, _)| process.group())
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

    /// Kills the program that stands between this one and the backend.
    pub(crate) async fn kill_parent(&mut self) {
        if let Some((process, _)) = &mut self.process {
            process.kill_first().await;
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
async fn meet(client: &mut Client, address: &str, contract: &Contract, wait: Duration) -> Result<Known> {
    health::wait(client, address, &contract.ready, wait).await?;
    let inspected = client.inspect().await?.unwrap_or_default();
    Ok(Known { backend: inspected.backend, version: inspected.version })
}

fn with_log(error: Error, tail: &Tail) -> Error {
    let log = Some(tail.clone());
    match error {
        Error::Unhealthy { address, waited, last, .. } => Error::Unhealthy { address, waited, last, log },
        Error::Foreign { address, answer, .. } => Error::Foreign { address, answer, log },
        other => other,
    }
}
