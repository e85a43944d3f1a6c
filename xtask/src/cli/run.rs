//! `run-backend` and `test-backend`.

use super::{OwnBuild, Selection, UnitOptions};
use camino::Utf8PathBuf;
use clap::Args;
use model::oci::Repository;

/// Start a packaged backend and ask it something.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask run-backend llama-cpp --prompt \"Once upon a time\"
  cargo xtask run-backend llama-cpp --chat --model ~/models/tiny.gguf
  cargo xtask run-backend minilm --prompt \"A cat sat on the mat\"
  cargo xtask run-backend theirs --package ~/localai/backends/cpu-llama-cpp --chat --model ~/models/tiny.gguf

With --package the backend may be any that LocalAI starts; its name is then only a name.")]
pub struct RunBackend {
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub own: OwnBuild,
    /// The repository that may have the published package; by default that of backend/variants.yaml.
    #[arg(long, value_name = "REPOSITORY")]
    pub registry: Option<Repository>,
    /// What to ask. Backends that embed get this text to embed.
    #[arg(long)]
    pub prompt: Option<String>,
    /// Hold a conversation: each line of the input is a turn, answered with all that was said before in mind.
    #[arg(long, conflicts_with = "prompt")]
    pub chat: bool,
    /// With --chat: what the model is told first.
    #[arg(long, value_name = "TEXT", requires = "chat")]
    pub system: Option<String>,
    /// A model; without one a tiny random one is made, and its words are noise.
    #[arg(long)]
    pub model: Option<Utf8PathBuf>,
    /// Tokens to answer with, at most.
    #[arg(long, default_value_t = 64)]
    pub max_tokens: u32,
    /// Layers of the model to compute on accelerators; the backend decides by default.
    #[arg(long, value_name = "N")]
    pub gpu_layers: Option<u32>,
    /// Use this package rather than building one.
    #[arg(long, value_name = "DIR")]
    pub package: Option<Utf8PathBuf>,
    /// Print JSON: one document, or with --chat one for each answer.
    #[arg(long)]
    pub json: bool,
}

/// Install a package as LocalAI does, and test that it keeps the contract.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask test-backend llama-cpp
  cargo xtask test-backend minilm --empty-root --junit minilm.xml
  cargo xtask test-backend target/backends/lexical.cpu.linux-amd64/package --json
  cargo xtask test-backend llama-cpp.tar --model ~/models/tiny.gguf")]
pub struct TestBackend {
    /// Backend to build, package directory, or image archive as `build-backend --output` writes it.
    #[arg(value_name = "NAME|PACKAGE|IMAGE-TAR")]
    pub what: String,
    #[command(flatten)]
    pub unit: UnitOptions,
    /// A model that it must load; without one its own, or a tiny one with random weights.
    #[arg(long)]
    pub model: Option<Utf8PathBuf>,
    /// Start it where there is nothing but the package: no shell, no system.
    #[arg(long)]
    pub empty_root: bool,
    /// Write what was found as JUnit's XML.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<Utf8PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
