//! The command line: what can be typed, and nothing of what it does.

mod affected;
mod audit;
mod build_backend;
mod bundle;
mod cache;
mod change;
mod check;
mod ci;
mod gallery;
mod global;
mod images;
mod import_matrix;
mod install_base_deps;
mod lock;
mod matrix;
mod merge;
mod new_backend;
mod run;
mod unit;
mod values;
mod workflows;

pub use affected::Affected;
pub use audit::Audit;
pub use build_backend::{BuildBackend, ContainerOptions, OwnBuild};
pub use bundle::Bundle;
pub use cache::{CacheCommand, Evict, Gc};
pub use change::ChangeArgs;
pub use check::Check;
pub use ci::{Bucket, CacheKeys, CiCommand, CiSummary, ImageKind, Images, Push, RunnerOptions};
pub use gallery::Gallery;
pub use global::{Global, refuse};
pub use images::{BaseImages, BuildImage};
pub use import_matrix::ImportMatrix;
pub use install_base_deps::{InstallBaseDeps, PrintForm};
pub use lock::Lock;
pub use matrix::{Matrix, MatrixFormat, Reference};
pub use merge::Merge;
pub use new_backend::NewBackend;
pub use run::{RunBackend, TestBackend};
pub use unit::{CompilerCache, GrpcFrom, Realm, UnitOptions};
pub use workflows::Workflows;

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use model::name::{BackendName, PinName};

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

Exit codes:
    0  done
    1  failed
    2  wrong arguments or manifests
    3  something must be installed first
    4  a check found differences
  130  stopped by Ctrl-C"
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Everything that xtask does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build and package backends; milliseconds when nothing changed
    BuildBackend(BuildBackend),
    /// Start a packaged backend and ask it something
    RunBackend(RunBackend),
    /// Install a package as LocalAI does, and test that it keeps the contract; exit code 4 if it does not
    TestBackend(TestBackend),
    /// Show what went into a key, and what changed since the last build
    Why(Why),
    /// Show the ordered steps of a build, its inputs and outputs; touches nothing
    Plan(PlanArgs),
    /// List backends, their variants and platforms
    List(List),
    /// Print the key of a unit
    Hash(Hash),
    /// Show which backends a change touches, and because of which files
    Affected(Affected),
    /// List, check or move the pinned sources
    Sources(Sources),
    /// Lock the requirements of a Python backend, one file a variant, or say what would differ; exit code 4 if anything would
    Lock(Lock),
    /// Install what a builder needs, or print it as a script
    InstallBaseDeps(InstallBaseDeps),
    /// Build and push the images that container builds start from; skip what the registry has
    BaseImages(BaseImages),
    /// Build the root image: runtime libraries and a program that starts any packaged backend
    BuildImage(BuildImage),
    /// Look into the local cache or the registry's, verify it, or make it smaller
    #[command(after_help = "Examples:
  cargo xtask cache stat
  cargo xtask cache verify --evict
  cargo xtask cache gc --budget 5G --dry-run
  cargo xtask cache ls --registry
  cargo xtask cache gc --registry --budget 40G --grace 7d --dry-run
  cargo xtask cache evict --backend llama-cpp")]
    Cache {
        #[command(subcommand)]
        command: CacheCommand,
    },
    /// Show what CI has to build, and why: rows, shards and merges
    Matrix(Matrix),
    /// Turn a matrix kept by hand into a table of variants and a list per backend, or back
    ImportMatrix(ImportMatrix),
    /// What workflows call; all of it runs on a laptop as well
    #[command(after_help = "Examples:
  cargo xtask ci summary
  cargo xtask ci cache-keys --backend llama-cpp --platform darwin/arm64")]
    Ci {
        #[command(subcommand)]
        command: CiCommand,
    },
    /// Write the workflows and composite actions of GitHub, or check them
    Workflows(Workflows),
    /// Make one image of the images of its platforms, and publish it
    Merge(Merge),
    /// Say what is promised and not published, or published and broken; exit code 4 if something is
    Audit(Audit),
    /// Write the index of what LocalAI can install, from what is published, or check one
    Gallery(Gallery),
    /// Put packages into one file for machines without a network, or take them out of it
    Bundle(Bundle),
    /// Start a backend: a directory that builds, is tested and answers at once
    NewBackend(NewBackend),
    /// Remove packages and build directories of this checkout
    Clean(Clean),
    /// Say what this machine can build, and what is missing; exit code 4 if something is
    Doctor(Doctor),
    /// Look at every invariant of the repository; exit code 4 if one is broken
    Check(Check),
    /// Write the generated files (JSON Schemas, the page of rules), or check them
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

impl Command {
    /// The file of the machine that it is asked for.
    pub fn other_host(&self) -> Option<&Utf8Path> {
        let other = match self {
            Self::Why(args) => &args.other,
            Self::Plan(args) => &args.other,
            Self::List(args) => &args.other,
            Self::Hash(args) => &args.other,
            Self::InstallBaseDeps(args) => &args.other,
            Self::Doctor(args) => &args.other,
            Self::Bundle(args) => &args.other,
            Self::Matrix(args) => return args.host.as_deref(),
            Self::BuildBackend(args) => return args.stand_in_for.as_deref(),
            _ => return None,
        };
        other.host.as_deref()
    }
}

/// Which unit.
#[derive(Debug, Clone, Args)]
pub struct Selection {
    /// Backend, as `cargo xtask list` shows it.
    pub backend: BackendName,
    #[command(flatten)]
    pub unit: UnitOptions,
}

/// Another machine.
#[derive(Debug, Clone, Args)]
pub struct OtherHost {
    /// Plan for the machine in this file rather than for this one; `doctor --capture` writes such a file.
    #[arg(long, value_name = "FILE")]
    pub host: Option<Utf8PathBuf>,
}

/// Print the key of a unit.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask hash llama-cpp
  cargo xtask hash llama-cpp --host mac.json --variant metal")]
pub struct Hash {
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub other: OtherHost,
}

/// Say what this machine can build.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask doctor
  cargo xtask doctor --capture > mac.json
  cargo xtask doctor --report > report.json
  cargo xtask doctor --host mac.json")]
pub struct Doctor {
    /// Print this machine as --host reads it: what it is, which tools it has, and nothing of whose it is.
    #[arg(long, conflicts_with = "host")]
    pub capture: bool,
    /// Print what a report of a defect needs, as one block of JSON: versions, this machine, what is missing, what the last
    /// builds came to and the end of the newest log, without secrets, names of users and paths of homes.
    #[arg(long, conflicts_with_all = ["host", "capture"])]
    pub report: bool,
    #[command(flatten)]
    pub other: OtherHost,
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
    #[command(flatten)]
    pub other: OtherHost,
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
  cargo xtask plan llama-cpp --realm container --bake
  cargo xtask plan llama-cpp --realm container --bake --stage | docker buildx bake -f -
  cargo xtask plan llama-cpp --variant metal --platform darwin/arm64 --flavor fallback")]
pub struct PlanArgs {
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub other: OtherHost,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Print a script that a container build runs instead.
    #[arg(long, value_enum, value_name = "SCRIPT", conflicts_with = "json")]
    pub print: Option<PlanScript>,
    /// Print the docker-bake.json of a container build. What it reads would be below target/bake.
    #[arg(long, conflicts_with_all = ["json", "print"])]
    pub bake: bool,
    /// With --bake: make what it reads, for `docker buildx bake -f -`.
    #[arg(long, requires = "bake")]
    pub stage: bool,
    #[command(flatten)]
    pub containers: ContainerOptions,
}

/// The scripts of a container unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanScript {
    /// The unit's steps.
    Build,
    /// What its builder holds.
    Install,
}

/// List backends.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask list
  cargo xtask list --units --json
  cargo xtask list --units --host mac.json")]
pub struct List {
    #[command(flatten)]
    pub other: OtherHost,
    /// Every unit that is published, with its key; `-` where only another machine can know it.
    #[arg(long)]
    pub units: bool,
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
