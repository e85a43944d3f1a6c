//! Letting time pass.

use std::thread;
use std::time::Duration;

/// The one sleep; its callers look at the flag in between, or are ending anyway.
#[expect(clippy::disallowed_methods, reason = "what is built on it looks at the flag")]
pub(crate) fn sleep(time: Duration) {
    thread::sleep(time);
}
