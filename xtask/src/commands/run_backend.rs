//! `run-backend` and `test-backend`: build the package if need be, start it, ask it something or try everything.
//!
//! The gRPC client is a program of its own, compiled when first needed: its async stack would double the time that
//! xtask itself takes to compile.

use crate::cli::{RunBackend, TestBackend};
use crate::commands::build_backend::{known, plan_of, wanted_of};
use crate::exit::Done;
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use drive::container::{Asked, Containers};
use drive::error::Coded;
use drive::helpers;
use drive::make::{self, Options, Wanted};
use drive::session::Session;
use halt::Run;
use model::backend::Task;
use std::process::Command;

/// What is asked when the user asks nothing.
const PROMPT: &str = "Once upon a time";

/// What the client ends with when a backend broke the contract.
const BROKEN: i32 = 4;

/// Starts a backend and asks it something.
pub fn run(session: &Session, args: &RunBackend) -> Result<Done> {
    let name = &args.selection.backend;
    let task = match (&args.package, session.manifests.backends.get(name)) {
        (_, Some(backend)) => Some(backend.task),
        (Some(_), None) => None,
        (None, None) => Some(known(session, name)?.task),
    };
    let package = if let Some(package) = &args.package {
        package.clone()
    } else {
        let request = args.selection.unit.request(name, session.host.ci);
        let asked = Asked { registry: args.registry.clone(), ..Asked::default() };
        package(session, wanted_of(session, &request, args.own)?, &asked)?
    };
    let mut client = Client::new(session, "run")?;
    client.command.arg("--package").arg(&package);
    let prompt = args.prompt.as_deref().unwrap_or(PROMPT);
    match task {
        Some(None) => {
            client.command.args(["--task", "health"]);
        }
        Some(Some(Task::Embed)) => {
            client.command.args(["--task", "embed", "--embed", prompt]);
        }
        Some(Some(Task::Store)) => {
            client.command.args(["--task", "store"]);
        }
        Some(Some(Task::Generate)) | None => {
            client.command.args(["--max-tokens", &args.max_tokens.to_string()]);
            match (args.chat, &args.system) {
                (false, _) => client.command.args(["--prompt", prompt]),
                (true, None) => client.command.arg("--chat"),
                (true, Some(system)) => client.command.args(["--chat", "--system", system]),
            };
        }
    }
    if args.json {
        client.command.arg("--json");
    }
    if let Some(layers) = args.gpu_layers {
        client.command.arg("--gpu-layers").arg(layers.to_string());
    }
    client.model(args.model.as_deref())?;
    anyhow::ensure!(client.run(args.chat)? == 0, "{name} did not answer; what it said stands above");
    Ok(Done::Well)
}

/// Installs a package as LocalAI does, and tests it.
pub fn test(session: &Session, args: &TestBackend) -> Result<Done> {
    let path = Utf8Path::new(&args.what);
    let package = if path.exists() {
        path.to_owned()
    } else {
        let not_there = |error| Coded::Usage(format!("there is no file `{path}`, and {error}"));
        let backend = args.what.parse().map_err(not_there)?;
        let plan = plan_of(session, &args.unit.request(&backend, session.host.ci))?;
        let package = package(session, plan.clone().into(), &Asked::default())?;
        let passed = make::test(session, &plan, session.host.cpus)?;
        if passed > 0 {
            session.ui.note(&format!("{backend}: {passed} of its own tests passed"));
        }
        package
    };
    let mut client = Client::new(session, "test")?;
    client.command.arg(&package);
    for (given, option) in [(args.empty_root, "--empty-root"), (args.json, "--json")] {
        client.command.args(given.then_some(option));
    }
    if let Some(junit) = &args.junit {
        client.command.arg("--junit").arg(junit);
    }
    client.model(args.model.as_deref())?;
    match client.run(false)? {
        0 => Ok(Done::Well),
        BROKEN => Ok(Done::Differs),
        _ => anyhow::bail!("{package} could not be tested; what was said stands above"),
    }
}

/// The program that speaks with backends.
struct Client<'a> {
    session: &'a Session,
    command: Command,
}

impl<'a> Client<'a> {
    fn new(session: &'a Session, what: &str) -> Result<Self> {
        let contract = &session.manifests.contract;
        let mut command = Command::new(helpers::client(session)?);
        command.args([what, "--health-call", &contract.health_call(), "--ready", &contract.ready]);
        Ok(Self { session, command })
    }

    fn model(&mut self, model: Option<&Utf8Path>) -> Result<()> {
        let Some(model) = model else { return Ok(()) };
        anyhow::ensure!(model.exists(), Coded::Usage(format!("there is no model at {model}")));
        self.command.arg("--model").arg(model);
        Ok(())
    }

    /// Its exit code; one that a signal ended has none of its own. Where it `asks`, it reads the terminal.
    fn run(self, asks: bool) -> Result<i32> {
        self.session.ui.detail(&format!("{:?}", self.command));
        let run = Run::new(self.command);
        let status = if asks { run.ask() } else { run.status() };
        Ok(status.context("cannot run the gRPC client")?.code().unwrap_or(1))
    }
}

fn package(session: &Session, wanted: Wanted, asked: &Asked) -> Result<Utf8PathBuf> {
    let options = Options { containers: Containers::of(session, asked)?, ..Options::of_machine(session)? };
    let built = make::build_all(session, vec![wanted], &options)?;
    let unit = built.first().context("one plan gives one package")?;
    unit.report(&session.ui);
    Ok(unit.package.clone())
}
