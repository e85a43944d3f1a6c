//! How patient a request is.

use crate::backoff::Backoff;
use std::time::Duration;

/// How long each part of a request may take, and how often it is made.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a connection to be made.
    pub connect: Duration,
    /// Without a byte, and for as many seconds as it brings fewer bytes than seconds.
    pub idle: Duration,
    /// For the whole of one try, if it has a bound of its own.
    pub whole: Option<Duration>,
    /// For all tries together, with what is waited between them.
    pub total: Duration,
    /// When to try again.
    pub backoff: Backoff,
}

/// What ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`Patience::connect`].
    Connect,
    /// [`Patience::idle`].
    Idle,
    /// [`Patience::whole`], [`Patience::total`], or the time of all requests together.
    Whole,
}
