//! `ci`: what workflows call, and what it does on a laptop as well.

use camino::Utf8PathBuf;
use clap::{Args, Subcommand, ValueEnum};
use model::name::{BackendName, VariantName};
use model::oci::Repository;
use model::platform::Platform;

/// What workflows call.
#[derive(Debug, Clone, Subcommand)]
pub enum CiCommand {
    /// Print keys and paths of the CI service's caches that a native job restores and saves
    CacheKeys(CacheKeys),
    /// Remove what hosted runners have installed and no build needs; does nothing on any other machine
    #[command(after_help = "Examples:
  cargo xtask ci free-disk --dry-run")]
    FreeDisk(RunnerOptions),
    /// Move Docker's data to the larger disk of hosted runners; does nothing on any other machine
    #[command(after_help = "Examples:
  cargo xtask ci setup-disk --dry-run")]
    SetupDisk(RunnerOptions),
    /// Print the bucket of time of requirements that float, which all jobs of a run are to agree on
    Bucket(Bucket),
    /// Make a builder of buildx the current one, which can push by digest and write layer caches
    #[command(after_help = "Examples:
  cargo xtask ci builder")]
    Builder,
    /// Log docker in to the registries that images are pushed to
    #[command(after_help = "Examples:
  QUAY_IO_USERNAME=me QUAY_IO_PASSWORD=... cargo xtask ci login

The user and password of a registry are variables, such as QUAY_IO_USERNAME and QUAY_IO_PASSWORD for quay.io. A registry
without a user is passed over.")]
    Login,
    /// Say which base images or root images CI has to build and merge
    Images(Images),
    /// Push an image that `build-backend --output FILE.tar` wrote
    Push(Push),
    /// Compile and collect what other jobs need: xtask, and the static programs that go into images
    #[command(after_help = "Examples:
  cargo xtask ci hand-on /tmp/xtask

The name of the output: sums. It has a line for each file, as `shasum --algorithm 256 --check` reads it in the directory.")]
    HandOn {
        /// Where to.
        dir: Utf8PathBuf,
        /// Append the lines of GITHUB_OUTPUT to this file instead of printing them.
        #[arg(long, value_name = "FILE")]
        github_output: Option<Utf8PathBuf>,
    },
    /// Put what `hand-on` collected on the PATH of the steps that follow
    #[command(after_help = "Examples:
  cargo xtask ci take-on /tmp/xtask")]
    TakeOn {
        /// Where it lies.
        dir: Utf8PathBuf,
    },
    /// Show what was queued and built, in the summary of the CI step or on standard output
    Summary(CiSummary),
}

/// What was queued and built.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask ci summary
  cargo xtask ci summary --results results/amd64 results/arm64

The page goes into the file at GITHUB_STEP_SUMMARY, or to standard output if that is not set.")]
pub struct CiSummary {
    /// Directories with the results of builds, as they leave them in target/xtask-results/units. By default those of this
    /// checkout, with what its last matrix queued.
    #[arg(long, value_name = "DIR", num_args = 1..)]
    pub results: Vec<Utf8PathBuf>,
}

/// Keys and paths of the CI service's caches.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask ci cache-keys --backend llama-cpp --platform darwin/arm64
  cargo xtask ci cache-keys --backend llama-cpp --variant metal --platform darwin/arm64 --github-output \"$GITHUB_OUTPUT\"
  cargo xtask ci cache-keys --backend minilm --platform linux/amd64 --json

The names of the outputs: brew-key, brew-path, brew-restore-keys, brew-formulas, ccache-key, ccache-path,
ccache-restore-keys, wheels-key, wheels-path, wheels-restore-keys. What a job does not use is empty.")]
pub struct CacheKeys {
    /// What the job builds.
    #[arg(long)]
    pub backend: BackendName,
    /// In which variant; the platform's default if it is not said.
    #[arg(long)]
    pub variant: Option<VariantName>,
    /// What the job runs on.
    #[arg(long)]
    pub platform: Platform,
    /// The image of the runner, such as macos15.
    #[arg(long, env = "ImageOS", hide_env_values = true)]
    pub image: Option<String>,
    /// Append the lines of GITHUB_OUTPUT to this file instead of printing them.
    #[arg(long, value_name = "FILE")]
    pub github_output: Option<Utf8PathBuf>,
    /// Print JSON.
    #[arg(long, conflicts_with = "github_output")]
    pub json: bool,
}

/// The bucket of time.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask ci bucket
  cargo xtask ci bucket --github-output \"$GITHUB_OUTPUT\"

The name of the output: bucket. A job takes it over by XTASK_BUCKET.")]
pub struct Bucket {
    /// Append the line of GITHUB_OUTPUT to this file instead of printing it.
    #[arg(long, value_name = "FILE")]
    pub github_output: Option<Utf8PathBuf>,
}

/// Options of what changes a runner.
#[derive(Debug, Clone, Copy, Args)]
pub struct RunnerOptions {
    /// Show what would be done, with sizes; do nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Which images CI has to build.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask ci images bases
  cargo xtask ci images roots --github-output out

The names of the outputs: has-builds, matrix, has-merges, merge-matrix.")]
pub struct Images {
    /// What kind.
    #[arg(value_enum)]
    pub kind: ImageKind,
    /// The repository that is asked for images that exist; that of backend/variants.yaml by default.
    #[arg(long, value_name = "REPOSITORY")]
    pub registry: Option<Repository>,
    /// Append the lines of GITHUB_OUTPUT to this file instead of printing them.
    #[arg(long, value_name = "FILE")]
    pub github_output: Option<Utf8PathBuf>,
}

/// Images that are not packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ImageKind {
    /// What container builds start from.
    Bases,
    /// What starts packages.
    Roots,
}

/// Push an image from a file.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask build-backend minilm --output minilm.tar
  cargo xtask ci push minilm.tar --publish-to localhost:5000/x --digests digests
  cargo xtask ci push minilm.tar --publish-to localhost:5000/x --registry localhost:5000/cache")]
pub struct Push {
    /// An OCI image in a tar.
    pub file: Utf8PathBuf,
    /// Repositories to push to by digest; those of backend/variants.yaml by default.
    #[arg(long, value_name = "REPOSITORY")]
    pub publish_to: Vec<Repository>,
    /// The repository that keeps it under the key of its package, so that others find it; by default that of
    /// backend/variants.yaml.
    #[arg(long, value_name = "REPOSITORY")]
    pub registry: Option<Repository>,
    /// Also write an empty file, named by the image's digest, into this directory, for `merge`.
    #[arg(long, value_name = "DIR")]
    pub digests: Option<Utf8PathBuf>,
}
