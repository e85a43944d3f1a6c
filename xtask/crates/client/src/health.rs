//! Asks Health until it is answered, the time is up, or the answer shows that nothing will change.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use tonic::{Code, Status};

use crate::error::told;
use crate::proto::HealthMessage;
use crate::{Client, Error, Result};

const PAUSE: Duration = Duration::from_millis(20);
/// What a backend that serves answers, exactly.
const READY: &[u8] = b"OK";

/// Waits until the backend at `address` says that it serves, for at most `wait`.
pub(crate) async fn wait(client: &mut Client, address: &str, wait: Duration) -> Result<()> {
    let until = Instant::now() + wait;
    let mut last = "no answer".to_owned();
    let foreign = |answer| Err(Error::Foreign { address: address.to_owned(), answer, log: None });
    loop {
        match timeout_at(until, client.backend.health(HealthMessage {})).await {
            Ok(Ok(answer)) if answer.get_ref().message == READY => return Ok(()),
            Ok(Ok(answer)) => return foreign(format!("`{}`", answer.get_ref().message.escape_ascii())),
            Ok(Err(status)) if may_recover(&status) => last = told(&status),
            Ok(Err(status)) if status.code() == Code::Unauthenticated => {
                return Err(Error::call("asking for its health")(status));
            }
            Ok(Err(status)) => return foreign(told(&status)),
            Err(_) => return Err(unhealthy(address, wait, last)),
        }
        if Instant::now() + PAUSE >= until {
            return Err(unhealthy(address, wait, last));
        }
        sleep(PAUSE).await;
    }
}

/// A server that is not up yet refuses connections; one that warms up says so.
fn may_recover(status: &Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted)
}

fn unhealthy(address: &str, waited: Duration, last: String) -> Error {
    Error::Unhealthy { address: address.to_owned(), waited, last, log: None }
}
