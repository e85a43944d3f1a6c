//! The command line: what can be typed, and nothing of what it does.

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use plan::deps::Grpc;
use plan::deps::grpc::GrpcPin;
use plan::flavor::Flavor;
use plan::name::{BackendName, PinName, VariantName};
use plan::platform::Platform;

/// Builds, packages, caches and publishes the inference backends of this repository.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    max_term_width = 110,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Examples:
  cargo xtask build-backend llama-cpp              build it, or say that nothing changed
  cargo xtask run-backend llama-cpp --prompt Hi    start it and stream an answer
  cargo xtask why llama-cpp                        what changed since the last build

Exit codes: 0 done · 1 failed · 2 wrong arguments or manifests · 3 something must be installed first ·
            4 a check found differences · 130 stopped by Ctrl-C"
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Heading of the options that every command has.
const COMMON: &str = "Common options";
/// Heading of the options that choose a unit.
const UNIT: &str = "Which unit";

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Say less: only warnings, errors and the last line.
    #[arg(help_heading = COMMON, short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: every command and every line that it prints.
    #[arg(help_heading = COMMON, short, long, global = true)]
    pub verbose: bool,
    /// When to use colours; auto: on a terminal, unless NO_COLOR is set.
    #[arg(help_heading = COMMON, long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// How to report: text for people, or one JSON event a line.
    #[arg(help_heading = COMMON, long, global = true, value_enum, default_value_t = MessageFormat::Human)]
    pub message_format: MessageFormat,
    /// Use what is cached and no network.
    #[arg(help_heading = COMMON, long, global = true, env = "XTASK_OFFLINE", value_parser = clap::builder::FalseyValueParser::new())]
    pub offline: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// How to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    Human,
    Json,
}

/// Everything that xtask does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build and package backends; milliseconds when nothing changed
    BuildBackend(BuildBackend),
    /// Start a packaged backend and ask it something
    RunBackend(RunBackend),
    /// Show what went into a key, and what changed since the last build
    Why(Why),
    /// Show the ordered steps of a build, its inputs and outputs; touches nothing
    Plan(PlanArgs),
    /// List backends, their variants and platforms
    List(List),
    /// Print the key of a unit
    Hash(Selection),
    /// List, check or move the pinned sources
    Sources(Sources),
    /// Install what a builder needs, or print it as a script
    InstallBaseDeps(InstallBaseDeps),
    /// Look into the local cache, verify it, or make it smaller
    #[command(after_help = "Examples:
  cargo xtask cache stat
  cargo xtask cache verify --evict
  cargo xtask cache gc --budget 5G --dry-run")]
    Cache {
        #[command(subcommand)]
        command: CacheCommand,
    },
    /// Remove packages and build directories of this checkout
    Clean(Clean),
    /// Say what this machine can build, and what is missing; exit code 4 if something is
    Doctor,
    /// Write the generated files (JSON Schemas), or check them
    Generate(Generate),
    /// Run the tests: everything, or with --fast what needs no network and no compiler
    Test(Test),
    /// Print shell completions
    #[command(after_help = "Examples:
  cargo xtask completions bash")]
    Completions {
        /// For which shell.
        shell: Shell,
    },
}

/// Which unit.
#[derive(Debug, Clone, Args)]
pub struct Selection {
    /// Backend, as `cargo xtask list` shows it.
    pub backend: BackendName,
    #[command(flatten)]
    pub unit: UnitOptions,
}

/// Options that choose and shape a unit.
#[derive(Debug, Clone, Args)]
pub struct UnitOptions {
    /// Which way to build, such as cpu, vulkan or cuda-12; cpu by default, metal on a Mac.
    #[arg(help_heading = UNIT, long)]
    pub variant: Option<VariantName>,
    /// For which platform, such as linux/amd64; this machine's by default.
    #[arg(help_heading = UNIT, long)]
    pub platform: Option<Platform>,
    /// CMake configurations to package, separated by commas: native (this processor), fallback (any), avx, avx2, avx512,
    /// cpu-all (chooses at run time), grpc (spreads a model over workers), rpc-server (such a worker).
    #[arg(help_heading = UNIT, long, value_delimiter = ',')]
    pub flavor: Vec<Flavor>,
    /// Where the steps run.
    #[arg(help_heading = UNIT, long, value_enum, default_value_t = Realm::Auto)]
    pub realm: Realm,
    /// Move a pin (`llama.cpp=<commit>`) or set a CMake option (`GGML_LTO=ON`) for this build.
    #[arg(help_heading = UNIT, long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    pub settings: Vec<(String, String)>,
    /// Which compiler cache to use for C and C++.
    #[arg(help_heading = UNIT, long, value_enum, default_value_t = CompilerCache::Ccache)]
    pub compiler_cache: CompilerCache,
    /// Where C++ backends take gRPC from.
    #[arg(help_heading = UNIT, long, value_enum, default_value_t = GrpcFrom::System)]
    pub grpc: GrpcFrom,
    /// Build what is published: every flavor of the manifest, for any processor. The default in CI.
    #[arg(help_heading = UNIT, long)]
    pub published: bool,
}

/// Where C++ backends take gRPC from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GrpcFrom {
    /// The distribution's packages.
    System,
    /// v1.65.0, compiled from its git hosts' sources.
    Source,
    /// 1.56.2, compiled from two packages of the Rust registry.
    Registry,
}

impl From<GrpcFrom> for Grpc {
    fn from(from: GrpcFrom) -> Self {
        match from {
            GrpcFrom::System => Self::System,
            GrpcFrom::Source => Self::Source(GrpcPin::Upstream),
            GrpcFrom::Registry => Self::Source(GrpcPin::Registry),
        }
    }
}

/// Where the steps run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Realm {
    /// Native where this machine can, else in a container.
    Auto,
    /// On this machine.
    Native,
    /// Through BuildKit; planned, and not built by this version.
    Container,
}

/// Which compiler cache to thread through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompilerCache {
    Ccache,
    Sccache,
    Off,
}

/// Build and package backends.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask build-backend llama-cpp
  cargo xtask build-backend llama-cpp --flavor fallback,cpu-all,grpc,rpc-server --output llama.oci.tar
  cargo xtask build-backend llama-cpp --set GGML_LTO=ON --timings
  cargo xtask build-backend --all --dry-run")]
pub struct BuildBackend {
    /// Backends, as `cargo xtask list` shows them.
    #[arg(required_unless_present = "all")]
    pub backends: Vec<BackendName>,
    /// Every backend; what this machine or the other options cannot build is named and passed over.
    #[arg(long, conflicts_with = "backends")]
    pub all: bool,
    #[command(flatten)]
    pub unit: UnitOptions,
    /// Parallel jobs across everything that builds at once; by default one a processor.
    #[arg(short, long)]
    pub jobs: Option<usize>,
    /// Show what would be done, and why; do nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Build even if the result is cached.
    #[arg(long)]
    pub no_cache: bool,
    /// Fail when a step needs a file that the manifest does not declare, rather than build without saving. The default in CI.
    #[arg(long)]
    pub strict: bool,
    /// Also write the package here: a directory, or an OCI image if the name ends in .tar.
    #[arg(long, value_name = "DIR|FILE.tar")]
    pub output: Option<camino::Utf8PathBuf>,
    /// Write an HTML page and a Chrome trace of where the time went, below target/xtask-timings.
    #[arg(long)]
    pub timings: bool,
}

/// Start a packaged backend and ask it something.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask run-backend llama-cpp --prompt \"Once upon a time\"
  cargo xtask run-backend llama-cpp --prompt Hi --model ~/models/tiny.gguf
  cargo xtask run-backend minilm --prompt \"A cat sat on the mat\"")]
pub struct RunBackend {
    #[command(flatten)]
    pub selection: Selection,
    /// What to ask. Backends that embed get this text to embed.
    #[arg(long)]
    pub prompt: Option<String>,
    /// A model; without one a tiny random one is made, and its words are noise.
    #[arg(long)]
    pub model: Option<camino::Utf8PathBuf>,
    /// Tokens to answer with, at most.
    #[arg(long, default_value_t = 64)]
    pub max_tokens: u32,
    /// Use this package rather than building one.
    #[arg(long, value_name = "DIR")]
    pub package: Option<camino::Utf8PathBuf>,
}

/// Show what went into a key.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask why llama-cpp
  cargo xtask why llama-cpp --flavor fallback,grpc --json
  cargo xtask why llama-cpp --document")]
pub struct Why {
    #[command(flatten)]
    pub selection: Selection,
    /// Print the whole key document.
    #[arg(long)]
    pub document: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Show the ordered steps of a build.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask plan llama-cpp
  cargo xtask plan llama-cpp --variant cuda-12 --json
  cargo xtask plan llama-cpp --variant metal --platform darwin/arm64 --flavor fallback")]
pub struct PlanArgs {
    #[command(flatten)]
    pub selection: Selection,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// List backends.
#[derive(Debug, Clone, Args)]
pub struct List {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// List, check or move the pinned sources.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask sources --check
  cargo xtask sources --update llama.cpp --dry-run")]
pub struct Sources {
    /// Verify cached copies and ask every mirror.
    #[arg(long)]
    pub check: bool,
    /// Move a pin to the newest version that its mirrors have, with its checksums.
    #[arg(long, value_name = "NAME", conflicts_with = "check")]
    pub update: Option<PinName>,
    /// With --update: this version rather than the newest.
    #[arg(long, requires = "update")]
    pub version: Option<String>,
    /// With --update: show the change, write nothing.
    #[arg(long, requires = "update")]
    pub dry_run: bool,
}

/// Install what a builder needs.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask install-base-deps
  cargo xtask install-base-deps --variant vulkan --dry-run
  cargo xtask install-base-deps --variant cuda-12 --print sh")]
pub struct InstallBaseDeps {
    /// For which variant.
    #[arg(long, default_value = "cpu")]
    pub variant: VariantName,
    /// What this backend needs; by default what all of them need.
    #[arg(long)]
    pub backend: Option<BackendName>,
    /// Where C++ backends take gRPC from. What is compiled is cached, and used by builds with the same option.
    #[arg(long, value_enum, default_value_t = GrpcFrom::System)]
    pub grpc: GrpcFrom,
    /// Print a POSIX sh script with this variant's steps instead.
    #[arg(long, value_enum, value_name = "FORM")]
    pub print: Option<PrintForm>,
    /// Show what would be installed; do nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// The forms of a printed install plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PrintForm {
    /// A POSIX shell script.
    Sh,
}

/// The local cache.
#[derive(Debug, Clone, Subcommand)]
pub enum CacheCommand {
    /// Print where it is
    Path,
    /// List its packages
    Ls {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say how large it is
    Stat {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Hash everything again; exit code 4 if something is damaged
    Verify {
        /// Remove what is damaged.
        #[arg(long)]
        evict: bool,
    },
    /// Remove what nothing needs, then the least recently used packages beyond a budget
    Gc {
        /// Keep at most this much in packages, such as 20G or 500M; binary multiples.
        #[arg(long, default_value = "20G", value_parser = bytes)]
        budget: u64,
        /// Keep whatever was used in the last so many hours.
        #[arg(long, default_value_t = 24)]
        grace_hours: u64,
        /// Show what would go; remove nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

/// Remove packages and build directories of this checkout.
#[derive(Debug, Clone, Args)]
pub struct Clean {
    /// Show what would go; remove nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Write or check the generated files.
#[derive(Debug, Clone, Args)]
pub struct Generate {
    /// Fail if a file differs from what would be written; write nothing.
    #[arg(long)]
    pub check: bool,
}

/// Run the tests.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask test
  cargo xtask test --fast
  cargo xtask test --fast glob")]
pub struct Test {
    /// Only what needs no network, no compiler and no root.
    #[arg(long)]
    pub fast: bool,
    /// Only tests whose name contains this.
    pub filter: Option<String>,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}

/// A size such as `20G`; binary multiples.
fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let shift = match &text[digits.len()..] {
        "" => 0,
        "K" | "k" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err("expected a number with K, M, G or T behind it".to_owned()),
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(1 << shift))
        .ok_or_else(|| format!("`{text}` is not a size; write it like 20G"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn sizes() {
        assert_eq!(bytes("20G"), Ok(20 << 30));
        assert_eq!(bytes("7"), Ok(7));
        assert!(bytes("G").is_err() && bytes("1X").is_err() && bytes("99999999999T").is_err());
    }
}
