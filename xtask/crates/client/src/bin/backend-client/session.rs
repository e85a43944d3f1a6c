//! One backend from start to stop: whatever happens in between, it does not stay behind.

use std::time::Duration;

use client::{Backend, Contract, Launch, Stopped};

use crate::Failure;
use crate::signals::Signals;

/// How long a backend may take to end after SIGTERM.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// Where the backend comes from.
pub(crate) enum Source {
    Package(Launch),
    Address { address: String, contract: Contract, wait: Duration },
}

/// Starts or finds the backend, lets `work` use it, and stops it again. A signal ends the work and stops the backend.
///
/// The answer tells how the backend ended; none for one that was only found.
pub(crate) async fn session(
    source: Source,
    work: impl AsyncFnOnce(&mut Backend) -> Result<(), client::Error>,
) -> Result<Option<Stopped>, Failure> {
    let mut signals = Signals::listen().map_err(Failure::Setup)?;
    let open = async {
        match &source {
            Source::Package(launch) => Backend::start(launch).await,
            Source::Address { address, contract, wait } => Backend::connect(address, contract, *wait).await,
        }
    };
    let mut backend = tokio::select! {
        backend = open => backend?,
        signal = signals.next() => return Err(Failure::Interrupted(signal)),
    };
    let outcome = tokio::select! {
        outcome = work(&mut backend) => outcome.map_err(Failure::Client),
        signal = signals.next() => Err(Failure::Interrupted(signal)),
    };
    let outcome = match outcome {
        Err(Failure::Client(error)) => Err(Failure::Client(backend.explain(error).await)),
        other => other,
    };
    // A second signal drops the backend, which kills it at once.
    let stopped = tokio::select! {
        stopped = backend.stop() => stopped,
        signal = signals.next() => return Err(Failure::Interrupted(signal)),
    };
    outcome?;
    Ok(stopped?)
}
