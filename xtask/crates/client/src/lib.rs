//! A gRPC client of backends, and the tiny model that it feeds them.

pub mod gguf;
pub mod proto;
