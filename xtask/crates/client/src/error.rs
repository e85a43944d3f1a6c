//! What can go wrong between a client and a backend, told with what to do next.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use tonic::{Code, Status};

use crate::Tail;
use crate::ending::advice;

/// A failure to start a backend, to reach it, or to get a sound answer from it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory does not hold a package.
    #[error(
        "{} is no package: there is no file `run.sh` in it; build one with `cargo xtask build-backend NAME`",
        .0.display()
    )]
    NoPackage(PathBuf),

    /// The program could not be executed.
    #[error(
        "cannot start {}: {error}; check that it is executable here and made for this machine",
        program.display()
    )]
    Spawn {
        /// The package's `run.sh`.
        program: PathBuf,
        /// What the system said.
        error: io::Error,
    },

    /// The system would not tell how the program ended.
    #[error("lost track of {}: {error}; look whether it still runs", program.display())]
    Lost {
        /// The package's `run.sh`.
        program: PathBuf,
        /// What the system said.
        error: io::Error,
    },

    /// The program ended before it served.
    #[error(
        "{} ended with {status} before it served{log}\n{}",
        program.display(), advice(*status)
    )]
    Died {
        /// The package's `run.sh`.
        program: PathBuf,
        /// How it ended.
        status: ExitStatus,
        /// What it printed.
        log: Tail,
    },

    /// An address that the caller gave is none.
    #[error("`{given}` is no address: {error}; expected HOST:PORT, for example 127.0.0.1:50051")]
    Address {
        /// What was given.
        given: String,
        /// What is wrong with it.
        error: tonic::transport::Error,
    },

    /// The token that the environment names cannot be sent.
    #[error("{variable} holds a character that no header may hold; set it to printable ASCII, or to nothing")]
    Token {
        /// The variable.
        variable: &'static str,
    },

    /// Something listens, but Health was not answered in time.
    #[error(
        "the backend at {address} did not answer Health within {waited:?} (last: {last}){}\n\
         if it only needs longer, raise --wait{}",
        log.as_ref().map(ToString::to_string).unwrap_or_default(),
        if log.is_none() { "; check that it runs and that the address is its own" } else { "" }
    )]
    Unhealthy {
        /// Where.
        address: String,
        /// How long it was waited for.
        waited: Duration,
        /// The last failure.
        last: String,
        /// What it printed, if it was started here.
        log: Option<Tail>,
    },

    /// Something answers that is no backend of this contract.
    #[error(
        "what listens at {address} is no backend: it answered Health with {answer}{}\n\
         check the address, and that both sides were built from the same backend.proto",
        log.as_ref().map(ToString::to_string).unwrap_or_default()
    )]
    Foreign {
        /// Where.
        address: String,
        /// What it answered.
        answer: String,
        /// What it printed, if it was started here.
        log: Option<Tail>,
    },

    /// A call was answered with an error.
    #[error("{doing} failed: {}{}", told(status), hint(status.code()))]
    Call {
        /// What was being done.
        doing: String,
        /// The answer.
        status: Box<Status>,
    },

    /// The backend went away under a call.
    #[error("the backend ended with {status} while {doing}{log}\n{}", advice(*status))]
    Crashed {
        /// What was being done.
        doing: String,
        /// How it ended.
        status: ExitStatus,
        /// What it printed.
        log: Tail,
    },

    /// An answer that breaks the contract.
    #[error("the backend broke the contract: {0}")]
    Broken(String),

    /// The model that the caller named cannot be read.
    #[error("cannot read the model {}: {error}; give the path of a GGUF file or a model directory", path.display())]
    Model {
        /// The model.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },

    /// A package cannot be installed.
    #[error("cannot install {}: {reason}", what.display())]
    Install {
        /// The directory or archive.
        what: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// The tiny model could not be made.
    #[error(transparent)]
    Tiny(#[from] crate::gguf::WriteError),

    /// The conversation could not be read on.
    #[error("cannot read the input: {0}")]
    Input(io::Error),

    /// The answer could not be written out.
    #[error("cannot write the answer: {0}")]
    Output(io::Error),
}

impl Error {
    pub(crate) fn call(doing: impl Into<String>) -> impl FnOnce(Status) -> Self {
        let doing = doing.into();
        |status| Self::Call { doing, status: Box::new(status) }
    }
}

/// Holds a backend to its contract.
pub(crate) fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> crate::Result<()> {
    if holds { Ok(()) } else { Err(Error::Broken(otherwise())) }
}

pub(crate) fn told(status: &Status) -> String {
    let mut text = format!("{:?}", status.code());
    if !status.message().is_empty() {
        text = format!("{text} ({})", status.message());
    }
    let mut cause = std::error::Error::source(status);
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) && inner_text != "transport error" {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}

fn hint(code: Code) -> &'static str {
    match code {
        Code::Unimplemented => "\nthis backend cannot do that; choose another --task",
        Code::FailedPrecondition => "\nthe backend wants a model that can do this; give one with --model",
        Code::ResourceExhausted => {
            "\nthe prompt may be too long for the model's context, or memory too small"
        }
        Code::InvalidArgument => "\ncheck the options and the model",
        Code::Unauthenticated => "\nthe backend demands a token: set LOCALAI_GRPC_AUTH_TOKEN to it",
        _ => "",
    }
}
