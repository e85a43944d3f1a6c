//! `backend-client`: a separate program, so that the build system itself compiles without an async stack.

mod ask;
mod chat;
mod cli;
mod hold;
mod run;
mod session;
mod show;
mod signals;
mod test;

use std::io::ErrorKind;
use std::process::ExitCode;

use clap::Parser;
use cli::{Cli, Command};
use client::Backend;
use client::gguf::{self, Tiny};

const SIGPIPE: u8 = 13;
/// A test found that the contract is broken.
const BROKEN: u8 = 4;

/// Why a command ends without success.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Client(#[from] client::Error),
    #[error(transparent)]
    Tiny(#[from] gguf::WriteError),
    #[error("cannot set up this program: {0}; the system may be out of a resource")]
    Setup(std::io::Error),
    #[error("{failed} of {cases} cases failed; what each said stands above")]
    Verified { failed: usize, cases: usize },
    #[error("cannot write {}: {error}", path.display())]
    Write { path: std::path::PathBuf, error: std::io::Error },
    #[error("interrupted; the backend was stopped")]
    Interrupted(signals::Signal),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(dispatch(cli.command)),
        Err(error) => Err(Failure::Setup(error)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the answer has enough, as after `| head`: no reason for a word.
        Err(Failure::Client(client::Error::Output(error))) if error.kind() == ErrorKind::BrokenPipe => {
            ExitCode::from(128 + SIGPIPE)
        }
        Err(failure) => {
            eprintln!("error: {failure}");
            match failure {
                Failure::Interrupted(signal) => ExitCode::from(signal.exit_code()),
                Failure::Verified { .. } => ExitCode::from(BROKEN),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

async fn dispatch(command: Command) -> Result<(), Failure> {
    match command {
        Command::TinyGguf { out, seed, projector } => {
            let tiny = if projector { Tiny::Projector } else { Tiny::Model };
            Ok(gguf::write_tiny(&out, tiny, seed)?)
        }
        Command::Health { addr, wait, service } => {
            let backend = Backend::connect(&addr, &service.contract(), wait).await?;
            println!("{} is healthy", show::identity(&backend));
            Ok(())
        }
        Command::Run(options) => run::run(options).await,
        Command::Test(options) => test::test(options).await,
        Command::Hold { words } => hold::hold(&words).await,
    }
}
