//! Serves `backend.Backend` over gRPC: vectors of text from its words and their parts, without a model.

mod access;
mod arguments;
mod codec;
mod counters;
mod embed;
mod listen;
mod memory;
mod parent;
mod serve;
mod service;

/// What `backend.proto` says, as Rust.
mod proto {
    #![allow(clippy::pedantic, reason = "generated")]
    tonic::include_proto!("backend");
}

use arguments::{Parsed, USAGE};
use std::process::ExitCode;

fn main() -> ExitCode {
    match arguments::parse(std::env::args().skip(1)) {
        Err(mistake) => {
            eprintln!("lexical: {mistake}");
            ExitCode::from(2)
        }
        Ok(Parsed::Help) => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        Ok(Parsed::Version) => {
            println!("lexical {}", service::VERSION);
            ExitCode::SUCCESS
        }
        Ok(Parsed::Serve { address, grace }) => match serve::serve(&address, grace) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("lexical: {error}");
                ExitCode::FAILURE
            }
        },
    }
}
