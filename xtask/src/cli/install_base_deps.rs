//! Arguments of `install-base-deps`.

use super::{GrpcFrom, OtherHost};
use clap::{Args, ValueEnum};
use model::name::{BackendName, VariantName};
use model::platform::Platform;

/// Install what a builder needs.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask install-base-deps
  cargo xtask install-base-deps --variant vulkan --dry-run
  cargo xtask install-base-deps --variant cuda-12 --print sh
  cargo xtask install-base-deps --variant l4t-cuda-12 --platform linux/arm64 --print sh
  cargo xtask install-base-deps --platform darwin/arm64 --print brewfile")]
pub struct InstallBaseDeps {
    #[command(flatten)]
    pub other: OtherHost,
    /// For which variant; by default that of `defaults` in backend/variants.yaml.
    #[arg(long)]
    pub variant: Option<VariantName>,
    /// For which platform; by default this machine's. Of another, the script of its builder image can be printed.
    #[arg(long)]
    pub platform: Option<Platform>,
    /// What this backend needs; by default what all of them need.
    #[arg(long)]
    pub backend: Option<BackendName>,
    /// Where C++ backends take gRPC from. What is compiled is cached, and used by builds with the same option.
    #[arg(long, value_enum, default_value_t = GrpcFrom::System)]
    pub grpc: GrpcFrom,
    /// Compile again what is compiled, even if it is cached.
    #[arg(long)]
    pub no_cache: bool,
    /// Print a POSIX sh script with this variant's steps instead, or the Brewfile of a Mac.
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
    /// What `brew bundle` reads.
    Brewfile,
}
