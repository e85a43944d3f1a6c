//! A gRPC client of backends, and the tiny model that it feeds them.
//!
//! [`Backend`] is a package that was started and answers; [`task`] holds what can be asked of it; [`gguf`] makes a model
//! with random weights where the user has none.

pub mod gguf;
pub mod proto;
pub mod task;

mod backend;
mod calls;
mod ending;
mod error;
mod health;
mod lines;
mod process;
mod tail;

pub use backend::{Backend, Launch};
pub use calls::{Client, Known};
pub use error::Error;
pub use process::Stopped;
pub use tail::Tail;

/// What a call into a backend yields.
pub type Result<T> = std::result::Result<T, Error>;
