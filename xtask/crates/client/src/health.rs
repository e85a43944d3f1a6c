//! Asks Health until it is answered, the time is up, or the answer shows that nothing will change.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use tonic::{Code, Status};

use crate::error::told;
use crate::proto::HealthMessage;
use crate::{Client, Error, Result};

/// LocalAI gives an answer so long, and asks 20 times with a pause of two seconds; here the first pauses are shorter.
const ANSWER: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LAST_PAUSE: Duration = Duration::from_secs(2);

/// Waits until the backend at `address` answers with `ready`, for at most `wait`.
pub(crate) async fn wait(client: &mut Client, address: &str, ready: &str, wait: Duration) -> Result<()> {
    let until = Instant::now() + wait;
    let mut last = "no answer".to_owned();
    let mut pause = FIRST_PAUSE;
    let foreign = |answer| Err(Error::Foreign { address: address.to_owned(), answer, log: None });
    loop {
        let patience = until.min(Instant::now() + ANSWER);
        match timeout_at(patience, client.backend.health(HealthMessage {})).await {
            Ok(Ok(answer)) if answer.get_ref().message == ready.as_bytes() => return Ok(()),
            Ok(Ok(answer)) => return foreign(format!("`{}`", answer.get_ref().message.escape_ascii())),
            Ok(Err(status)) if may_recover(&status) => last = told(&status),
            Ok(Err(status)) if status.code() == Code::Unauthenticated => {
                return Err(Error::call("asking for its health")(status));
            }
            Ok(Err(status)) => return foreign(told(&status)),
            Err(_) => {}
        }
        if Instant::now() + pause >= until {
            return Err(Error::Unhealthy { address: address.to_owned(), waited: wait, last, log: None });
        }
        sleep(pause).await;
        pause = (pause * 2).min(LAST_PAUSE);
    }
}

/// A server that is not up yet refuses connections; one that warms up says so.
fn may_recover(status: &Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted)
}
