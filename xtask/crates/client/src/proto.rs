//! What `backend.proto` says, as Rust. The server's half is there for tests that stand in for a backend.

#![allow(missing_docs, clippy::pedantic, reason = "generated")]

tonic::include_proto!("backend");
