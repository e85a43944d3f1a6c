//! A gRPC client of backends, and the tiny model that it feeds them.
//!
//! [`Backend`] is a package that was started and answers; [`task`] holds what can be asked of it; [`verify`] tests it as
//! LocalAI uses it; [`gguf`] makes a model with random weights where the user has none.

pub mod gguf;
pub mod proto;
pub mod task;
pub mod verify;

mod backend;
mod calls;
mod connection;
mod contract;
mod ending;
mod error;
mod health;
mod install;
mod lines;
mod process;
mod tail;

pub use backend::{Backend, Launch};
pub use calls::{Client, Known};
pub use connection::Connection;
pub use contract::Contract;
pub use error::Error;
pub use install::install;
pub use process::Stopped;
pub use tail::Tail;

/// What a call into a backend yields.
pub type Result<T> = std::result::Result<T, Error>;
