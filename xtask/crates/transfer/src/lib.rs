//! HTTP in this process: requests are data, and so are answers.
//!
//! [`send`] makes one request, [`send_all`] many at once; both try again what may pass. Whatever a server does, an answer
//! costs no more than its [`Request`] allows, ends when somebody wants to stop, and sees no credentials that are another
//! origin's. What an answer means is for the caller, who knows the protocol.
//!
//! Certificates are the system's (`SSL_CERT_FILE` and `SSL_CERT_DIR` name others), and proxies those of the environment.

mod agent;
mod allowance;
mod attempt;
mod authorization;
mod backoff;
mod budget;
mod dial;
mod encode;
mod error;
mod link;
mod part;
mod patience;
mod proxy;
mod receive;
mod redact;
mod redirect;
mod request;
mod response;
mod room;
mod secret;
mod send;
mod tls;
mod url;
mod wire;

pub use authorization::Authorization;
pub use backoff::Backoff;
pub use encode::{decode, encode};
pub use error::TransferError;
pub use patience::{Limit, Patience};
pub use redact::redact;
pub use request::{Answer, Body, Method, Redirects, Request};
pub use response::{Headers, Response};
pub use room::{RESERVE, check_room};
pub use secret::Secret;
pub use send::{send, send_all};
pub use url::{Origin, Url, join};
