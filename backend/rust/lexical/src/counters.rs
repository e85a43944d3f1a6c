//! Sums of requests since the process started.

use crate::proto;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tonic::{Code, Status};

#[derive(Debug, Default)]
pub struct Counters {
    requests: AtomicU64,
    failed: AtomicU64,
    cancelled: AtomicU64,
    tokens: AtomicU64,
    time: Mutex<Duration>,
}

impl Counters {
    /// Counts a request that has ended.
    pub fn ended<T>(&self, result: Result<T, Status>) -> Result<T, Status> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        match result.as_ref().map_err(Status::code) {
            Ok(_) => {}
            Err(Code::Cancelled | Code::DeadlineExceeded) => {
                self.cancelled.fetch_add(1, Ordering::Relaxed);
            }
            Err(_) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
            }
        }
        result
    }

    /// Adds what a request read, and how long that took.
    pub fn read(&self, tokens: u32, took: Duration) {
        self.tokens.fetch_add(u64::from(tokens), Ordering::Relaxed);
        *self.time.lock().unwrap_or_else(PoisonError::into_inner) += took;
    }

    pub fn sums(&self) -> proto::Counters {
        proto::Counters {
            requests: self.requests.load(Ordering::Relaxed),
            requests_failed: self.failed.load(Ordering::Relaxed),
            requests_cancelled: self.cancelled.load(Ordering::Relaxed),
            prompt_tokens: self.tokens.load(Ordering::Relaxed),
            prompt_ms: 1e3 * self.time.lock().unwrap_or_else(PoisonError::into_inner).as_secs_f64(),
            ..proto::Counters::default()
        }
    }
}
