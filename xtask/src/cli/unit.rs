//! Options that choose and shape a unit.

use super::values::key_value;
use clap::{Args, ValueEnum};
use model::flavor::Flavor;
use model::grpc::Grpc;
use model::grpc::GrpcPin;
use model::name::{BackendName, VariantName};
use model::platform::Platform;
use plan::container::BuilderChoice;
use plan::request::{self, RealmChoice, Request};

/// Heading of the options that choose a unit.
const UNIT: &str = "Which unit";

/// Options that choose and shape a unit.
#[derive(Debug, Clone, Args)]
pub struct UnitOptions {
    /// Which way to build, such as cpu, vulkan or cuda-12; by default what backend/variants.yaml says.
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
    /// Through BuildKit, with `docker buildx`.
    Container,
}

/// Which compiler cache to thread through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompilerCache {
    Ccache,
    Sccache,
    Off,
}

impl UnitOptions {
    /// The request that they make for one backend; CI builds what is published.
    pub fn request(&self, backend: &BackendName, ci: bool) -> Request {
        Request {
            backend: backend.clone(),
            variant: self.variant.clone(),
            platform: self.platform,
            flavors: self.flavor.clone(),
            publish: self.published || ci,
            realm: match self.realm {
                Realm::Auto => RealmChoice::Auto,
                Realm::Native => RealmChoice::Native,
                Realm::Container => RealmChoice::Container,
            },
            builder: BuilderChoice::Auto,
            compiler_cache: match self.compiler_cache {
                CompilerCache::Ccache => request::CompilerCache::Ccache,
                CompilerCache::Sccache => request::CompilerCache::Sccache,
                CompilerCache::Off => request::CompilerCache::Off,
            },
            grpc: self.grpc.into(),
            settings: self.settings.iter().cloned().collect(),
        }
    }
}
