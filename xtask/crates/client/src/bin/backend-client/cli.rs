//! The command line.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use client::task::Task;
use client::{Contract, Launch};

use crate::session::GRACE;

/// Talks to a backend: starts its package or finds it at an address, asks it, shows the answer.
#[derive(Debug, Parser)]
#[command(name = "backend-client", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a tiny model with random weights, the same for the same seed
    TinyGguf {
        /// The file to write
        out: PathBuf,
        /// What the weights come from
        #[arg(long, value_name = "N", default_value_t = client::gguf::DEFAULT_SEED)]
        seed: u64,
        /// Write what lets that model see and hear instead: a file for `MMProj` of `LoadModel`
        #[arg(long)]
        projector: bool,
    },
    /// Ask a running backend whether it is healthy
    Health {
        /// Where it listens, as HOST:PORT
        #[arg(long)]
        addr: String,
        /// Seconds to wait for it
        #[arg(long, value_name = "SECONDS", default_value = "0.5", value_parser = seconds)]
        wait: Duration,
        #[command(flatten)]
        service: Service,
    },
    /// Ask a backend something and show the answer
    Run(Run),
    /// Install a package as LocalAI does, and test that it keeps the contract
    Test(Test),
    /// Start a program and wait for its end: a parent that can be killed
    #[command(hide = true)]
    Hold {
        /// The program and its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        words: Vec<OsString>,
    },
}

/// The service that backends serve.
#[derive(Debug, Args)]
#[command(next_help_heading = "Service")]
pub(crate) struct Service {
    /// The call for a backend's health, which takes an empty message
    #[arg(long, value_name = "/SERVICE/CALL", default_value = "/backend.Backend/Health", value_parser = call)]
    health_call: (String, String),
    /// What a ready backend answers to it, in its answer's first field
    #[arg(long, value_name = "TEXT", default_value = "OK")]
    ready: String,
}

impl Service {
    pub(crate) fn contract(&self) -> Contract {
        let (service, health) = self.health_call.clone();
        Contract { service, health, ready: self.ready.clone() }
    }
}

fn call(text: &str) -> Result<(String, String), String> {
    let parts = text.strip_prefix('/').and_then(|text| text.split_once('/'));
    match parts {
        Some((service, call)) if !service.is_empty() && !call.is_empty() && !call.contains('/') => {
            Ok((service.to_owned(), call.to_owned()))
        }
        _ => Err("expected /SERVICE/CALL, for example /backend.Backend/Health".to_owned()),
    }
}

#[derive(Debug, Args)]
#[group(id = "where", required = true, multiple = false, args = ["package", "addr"])]
pub(crate) struct Run {
    /// The package to start: the directory that holds `run.sh`
    #[arg(long, value_name = "DIR")]
    pub(crate) package: Option<PathBuf>,
    /// A backend that runs already, as HOST:PORT
    #[arg(long)]
    pub(crate) addr: Option<String>,
    /// What to do [default: embed with --embed, else what the package's package.json says, else generate]
    #[arg(long)]
    pub(crate) task: Option<Task>,
    /// A text for `embed`; may be given more than once
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) embed: Vec<String>,
    #[command(flatten)]
    pub(crate) start: Start,
    /// One JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) load: Load,
    #[command(flatten)]
    pub(crate) generate: Generate,
}

#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The package: a directory, or an image as `docker save` writes it
    pub(crate) package: PathBuf,
    /// What it is for [default: what its package.json says]
    #[arg(long)]
    pub(crate) task: Option<Task>,
    /// A model that it must load [default: its own, or a tiny one with random weights]
    #[arg(long, value_name = "PATH")]
    pub(crate) model: Option<PathBuf>,
    /// Start it where there is nothing but the package: no shell, no system
    #[arg(long)]
    pub(crate) empty_root: bool,
    /// Write what was found as JUnit's XML
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Print one JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) start: Start,
}

/// What every command shares that starts a backend.
#[derive(Debug, Args)]
pub(crate) struct Start {
    /// Seconds until the backend must be healthy
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub(crate) wait: Duration,
    /// Show what the backend prints
    #[arg(long, short)]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) service: Service,
}

impl Start {
    pub(crate) fn launch(&self, package: PathBuf) -> Launch {
        let launch = Launch::new(package, self.wait, GRACE);
        Launch { contract: self.service.contract(), echo: self.verbose, ..launch }
    }
}

/// The model, and how it is loaded; what is not given is left to the backend.
#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct Load {
    /// The model: a file or directory [default: a tiny one with random weights, where one is needed]
    #[arg(long, value_name = "PATH")]
    pub(crate) model: Option<PathBuf>,
    /// Tokens that one request may fill, prompt and answer together
    #[arg(long, value_name = "N")]
    pub(crate) context_length: Option<u32>,
    /// Threads that compute
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<u32>,
    /// Layers on accelerators
    #[arg(long, value_name = "N")]
    pub(crate) gpu_layers: Option<u32>,
}

/// How text is generated.
#[derive(Debug, Args)]
#[command(next_help_heading = "Generation")]
pub(crate) struct Generate {
    /// The text to go on from
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, default_value = "Once upon a time")]
    pub(crate) prompt: String,
    /// Hold a conversation: every line of the input is a turn, and the model's own template puts them together
    #[arg(long, conflicts_with = "prompt")]
    pub(crate) chat: bool,
    /// What the conversation begins with, for the model
    #[arg(long, value_name = "TEXT", requires = "chat", allow_hyphen_values = true)]
    pub(crate) system: Option<String>,
    /// Most tokens of the answer
    #[arg(long, value_name = "N", default_value_t = 128)]
    pub(crate) max_tokens: u32,
    /// End the answer before this text; may be given more than once
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) stop: Vec<String>,
    /// 0 always takes the likeliest token
    #[arg(long, value_name = "T", default_value_t = 0.8)]
    pub(crate) temperature: f32,
    /// Choose among the K likeliest tokens only; 0 is off
    #[arg(long, value_name = "K", default_value_t = 40)]
    pub(crate) top_k: u32,
    /// Choose among the likeliest tokens that together have this probability; 1 is off
    #[arg(long, value_name = "P", default_value_t = 0.95)]
    pub(crate) top_p: f32,
    /// Pass over tokens less likely than this share of the likeliest; 0 is off
    #[arg(long, value_name = "P", default_value_t = 0.05)]
    pub(crate) min_p: f32,
    /// Above 1, tokens that came lately become less likely
    #[arg(long, value_name = "R", default_value_t = 1.0)]
    pub(crate) repeat_penalty: f32,
    /// The same seed gives the same answer
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u32>,
    /// A GBNF grammar that the answer obeys
    #[arg(long, value_name = "GBNF")]
    pub(crate) grammar: Option<String>,
}

impl Run {
    pub(crate) fn task(&self, package: Option<&Path>) -> Task {
        let implied = (!self.embed.is_empty()).then_some(Task::Embed);
        let implied = implied.or_else(|| self.generate.chat.then_some(Task::Generate));
        self.task.or(implied).or_else(|| package.and_then(Task::of_package)).unwrap_or(Task::Generate)
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| "expected a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(number).map_err(|e| e.to_string())
}
