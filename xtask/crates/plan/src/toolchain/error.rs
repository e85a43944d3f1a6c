//! Why no install plan can be made.

use model::base::Toolkit;
use model::host::Distro;
use model::name::PinName;
use model::platform::{Arch, Platform};
use model::source::NoPin;

/// Why no install plan can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DepsError {
    /// The machine's distribution is not one that the tables know.
    #[error(
        "this {platform} system is not one that install-base-deps knows (Debian 12, Debian 13, Ubuntu 22.04, \
         Ubuntu 24.04): install these yourself and build again: {needed}"
    )]
    UnknownDistribution {
        /// What the machine is.
        platform: Platform,
        /// What is needed, for people.
        needed: String,
    },
    /// An NVIDIA toolkit without a version.
    #[error("toolkit {0} needs a CUDA version: set `cuda` in the variant's row of backend/variants.yaml")]
    CudaVersionMissing(Toolkit),
    /// Nobody publishes the toolkit for this combination.
    #[error(
        "toolkit {toolkit} is not published for {distro} on {arch}: \
         build this variant with `--realm container`"
    )]
    NoToolkit {
        /// What was asked for.
        toolkit: Toolkit,
        /// On which distribution.
        distro: Distro,
        /// On which architecture.
        arch: Arch,
    },
    /// A script cannot fetch such a source by itself.
    #[error(
        "builders are made of plain archives and git commits: source `{0}` of backend/sources.yaml has patches or \
         submodules, or is a registry's package"
    )]
    NotForScripts(PinName),
    /// A row is gone.
    #[error(transparent)]
    NoPin(#[from] NoPin),
    /// A tool of the plan has no build for this architecture.
    #[error("{tool} is not published for {arch}: install it yourself, it is used when it is found on PATH")]
    NoTool {
        /// Which tool.
        tool: &'static str,
        /// For which architecture.
        arch: Arch,
    },
    /// A pin or a name of the tables is malformed; the tables' tests keep this from happening.
    #[error(
        "the table of builder dependencies holds a malformed pin or step name: report this with the variant's name"
    )]
    BadTable,
}
