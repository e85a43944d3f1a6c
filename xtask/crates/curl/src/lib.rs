//! Runs the program `curl`. Requests are data; URLs, headers and forms go in by standard input, because the arguments
//! of a process are for everybody to see.
//!
//! [`run`] makes one request, [`many`] asks many URLs at once. Nothing here decides what an answer
//! means, and nothing is tried twice: that is for the caller, who knows the protocol.

mod batch;
mod config;
mod error;
mod limits;
mod mark;
mod process;
mod redact;
mod request;
mod response;
mod single;

pub use batch::{Batch, many};
pub use config::encode;
pub use error::CurlError;
pub use limits::Limits;
pub use redact::redact;
pub use request::{Body, Method, Request};
pub use response::{Headers, Response};
pub use single::run;
