//! `run-backend`: builds the package if need be, starts it, asks it something.
//!
//! The gRPC client is a program of its own, compiled when first needed: its async stack would double the time that
//! xtask itself takes to compile.

use crate::cli::RunBackend;
use crate::commands::build_backend::{known, plan_of};
use crate::exit::Done;
use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use drive::error::Coded;
use drive::helpers;
use drive::make::{self, Options};
use drive::session::Session;
use halt::Run;
use model::backend::Task;
use std::process::Command;

/// What is asked when the user asks nothing.
const PROMPT: &str = "Once upon a time";

/// Starts a backend and asks it something.
pub fn run(session: &Session, args: &RunBackend) -> Result<Done> {
    let backend = known(session, &args.selection.backend)?;
    let package = match &args.package {
        Some(package) => package.clone(),
        None => package(session, args)?,
    };
    let client = helpers::client(session)?;
    let mut command = Command::new(&client);
    command.arg("run").arg("--package").arg(&package);
    let prompt = args.prompt.as_deref().unwrap_or(PROMPT);
    match backend.task {
        Task::Generate => {
            command
                .args(["--task", "generate", "--prompt", prompt, "--max-tokens"])
                .arg(args.max_tokens.to_string());
        }
        Task::Embed => {
            command.args(["--task", "embed", "--embed", prompt]);
        }
        Task::Store => {
            command.args(["--task", "store"]);
        }
    }
    if let Some(layers) = args.gpu_layers {
        command.arg("--gpu-layers").arg(layers.to_string());
    }
    if let Some(model) = &args.model {
        anyhow::ensure!(model.exists(), Coded::Usage(format!("there is no model at {model}")));
        command.arg("--model").arg(model);
    }
    session.ui.detail(&format!("{command:?}"));
    let status = Run::new(command).status().map_err(|error| anyhow::anyhow!("{client}: {error}"))?;
    anyhow::ensure!(status.success(), "{} did not answer; what it said stands above", backend.name);
    Ok(Done::Well)
}

fn package(session: &Session, args: &RunBackend) -> Result<Utf8PathBuf> {
    let request = args.selection.unit.request(&args.selection.backend, session.host.ci);
    let plan = plan_of(session, &request)?;
    let built = make::build_all(session, vec![plan], &Options::of_machine(session)?)?;
    let unit = built.first().context("one plan gives one package")?;
    unit.report(&session.ui);
    Ok(unit.package.clone())
}
