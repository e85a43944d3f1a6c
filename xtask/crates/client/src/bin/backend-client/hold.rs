//! `hold`: a parent for a backend, so that its death can be tried.

use std::ffi::OsString;

use crate::Failure;

/// Starts the program and waits for its end; killed, it leaves the program an orphan.
pub(crate) async fn hold(words: &[OsString]) -> Result<(), Failure> {
    let (program, args) = words.split_first().unwrap_or((const { &OsString::new() }, &[]));
    let ended = tokio::process::Command::new(program).args(args).status().await;
    ended.map(drop).map_err(Failure::Setup)
}
