//! Asks Health until it is answered, the time is up, or the answer shows that nothing will change.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use tonic::{Code, Status};

use crate::error::told;
use crate::proto::{HealthRequest, HealthResponse};
use crate::{Client, Error, Result};

const PAUSE: Duration = Duration::from_millis(20);

/// The first answer of the backend at `address`, for at most `wait`.
pub(crate) async fn wait(client: &mut Client, address: &str, wait: Duration) -> Result<HealthResponse> {
    let until = Instant::now() + wait;
    let mut last = "no answer".to_owned();
    loop {
        match timeout_at(until, client.health(HealthRequest {})).await {
            Ok(Ok(answer)) => return Ok(answer.into_inner()),
            Ok(Err(status)) if may_recover(&status) => last = told(&status),
            Ok(Err(status)) => {
                return Err(Error::Foreign {
                    address: address.to_owned(),
                    status: Box::new(status),
                    log: None,
                });
            }
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
