//! What is asked of a builder.

use super::error::DepsError;
use super::family::Family;
use super::tool::Tool;
use super::tree::Trees;
use camino::Utf8PathBuf;
use model::base::{Base, Toolkit};
use model::grpc::Grpc;
use model::host::{Distro, Host};
use model::platform::{Arch, Os, Platform};
use model::source::{NoPin, Pins};
use model::variant::{Cuda, Variant};
use std::collections::BTreeMap;

/// Where images hold the tools that distributions lack.
const IMAGE_TOOLS: &str = "/opt/xtask";

/// What the plan starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// A machine that somebody works at: only what one build needs is added.
    Host,
    /// A bare distribution image that becomes a builder for a whole family.
    Image,
    /// The same, from a vendor's image that already has the toolkit and its package repository.
    VendorImage,
}

/// Whether drivers and toolkits are installed: the reference's `SKIP_DRIVERS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drivers {
    /// Install them.
    Install,
    /// They are there already.
    Skip,
}

/// What is asked of a builder.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Request {
    /// Distribution of the builder.
    pub distro: Distro,
    /// Architecture of the builder.
    pub arch: Arch,
    /// What will be built on it.
    pub family: Family,
    /// What its kernels are compiled with.
    pub toolkit: Toolkit,
    /// CUDA version, for the NVIDIA toolkits.
    pub cuda: Option<Cuda>,
    /// What it starts from.
    pub start: Start,
    /// Whether drivers and toolkits are installed.
    pub drivers: Drivers,
    /// How it comes by its sources.
    pub trees: Trees,
    /// Directory for tools that only this project uses; none leaves them out.
    pub tools: Option<Utf8PathBuf>,
    /// What tools on PATH say of their versions, by name: a tool that is new enough is not installed again.
    pub present: BTreeMap<String, String>,
}

impl Request {
    /// What `host` must hold so that units of `family` in `variant` build on it.
    pub fn for_host(
        host: &Host,
        variant: &Variant,
        family: Family,
        tools: Option<Utf8PathBuf>,
        present: BTreeMap<String, String>,
    ) -> Result<Self, DepsError> {
        let unsupported = || DepsError::UnknownDistribution {
            platform: host.platform,
            needed: super::tools_needed(family, Toolkit::of(variant.build_type)).join(", "),
        };
        if host.platform.os != Os::Linux {
            return Err(unsupported());
        }
        let toolkit = Toolkit::of(variant.build_type);
        let distro = host.distro.ok_or_else(unsupported)?;
        let usual = Self::new(distro, host.platform.arch, family, toolkit, Start::Host);
        Ok(Self { cuda: variant.cuda, tools, present, ..usual })
    }

    /// What a machine of `platform` must hold, of which no more than that is known: what the image holds in which
    /// `variant` is built there.
    pub fn for_elsewhere(platform: Platform, variant: &Variant, family: Family) -> Result<Self, DepsError> {
        let base = Some(platform).filter(|platform| platform.os == Os::Linux);
        let base = base.and_then(|platform| variant.base(platform.arch, family.language()));
        let (base, _) = base.ok_or_else(|| DepsError::UnknownDistribution {
            platform,
            needed: super::tools_needed(family, Toolkit::of(variant.build_type)).join(", "),
        })?;
        // What such an image is built with, unless another is asked for.
        let family = if family == Family::Cpp(Grpc::System) { Family::Cpp(base.grpc) } else { family };
        Ok(Self { trees: Trees::Downloaded, ..Self::for_image(base, platform.arch, family) })
    }

    /// Directories of programs that stand before the builder's own PATH.
    pub fn path(&self, pins: Pins<'_>) -> Result<Vec<String>, NoPin> {
        let tool = self.tools.as_deref().zip(Tool::of(self.family));
        let tool = tool.map(|(tools, tool)| Ok(Tool::bin(pins.wheel(tool.program())?, tools))).transpose()?;
        let toolkit = match self.toolkit {
            Toolkit::Cublas | Toolkit::L4t => Some("/usr/local/cuda/bin"),
            Toolkit::Hipblas => Some("/opt/rocm/bin"),
            Toolkit::Cpu | Toolkit::Vulkan | Toolkit::Sycl => None,
        };
        Ok(tool.map(Utf8PathBuf::into_string).into_iter().chain(toolkit.map(str::to_owned)).collect())
    }

    /// What an image made of `base` holds on `arch`.
    pub fn for_image(base: &Base, arch: Arch, family: Family) -> Self {
        let Base { image, distro, toolkit, cuda, skip_drivers, grpc: _ } = base;
        let drivers = if *skip_drivers { Drivers::Skip } else { Drivers::Install };
        Self { cuda: *cuda, drivers, ..Self::new(*distro, arch, family, *toolkit, start(image)) }
    }

    /// A request with nothing that depends on more than this.
    pub fn new(distro: Distro, arch: Arch, family: Family, toolkit: Toolkit, start: Start) -> Self {
        let in_image = start != Start::Host;
        // C++ does with the distribution's, and where nothing is built there is none.
        let has_tools = in_image && !matches!(family, Family::Cpp(_) | Family::Runtime);
        Self {
            distro,
            arch,
            family,
            toolkit,
            cuda: None,
            start,
            drivers: Drivers::Install,
            trees: if in_image { Trees::Mounted } else { Trees::Downloaded },
            tools: has_tools.then(|| IMAGE_TOOLS.into()),
            present: BTreeMap::new(),
        }
    }
}

/// Every image but the distributions' own is a vendor's, with its toolkit or the repository of it inside.
fn start(image: &str) -> Start {
    let bare = ["ubuntu:", "debian:"].iter().any(|name| image.starts_with(name));
    if bare { Start::Image } else { Start::VendorImage }
}
