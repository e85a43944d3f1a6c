//! What a user asks to have built: the resolved options of every build command.

use crate::container::BuilderChoice;
use model::flavor::Flavor;
use model::grpc::Grpc;
use model::name::{BackendName, VariantName};
use model::platform::Platform;
use std::collections::BTreeMap;

/// The realm as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RealmChoice {
    /// Native where the platform is this machine's and the variant allows it, else in a container.
    #[default]
    Auto,
    /// On the host.
    Native,
    /// Through BuildKit.
    Container,
}

/// A compiler cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CompilerCache {
    /// ccache, the default.
    #[default]
    Ccache,
    /// sccache.
    Sccache,
    /// None.
    Off,
}

/// What a user asks to have built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which backend.
    pub backend: BackendName,
    /// Which variant; the platform's default when none.
    pub variant: Option<VariantName>,
    /// For which platform; this machine's when none.
    pub platform: Option<Platform>,
    /// Which flavors; the manifest's default when empty.
    pub flavors: Vec<Flavor>,
    /// Build the published set of flavors rather than the laptop's.
    pub publish: bool,
    /// Where the steps should run.
    pub realm: RealmChoice,
    /// How a container unit comes by its builder.
    pub builder: BuilderChoice,
    /// Which compiler cache.
    pub compiler_cache: CompilerCache,
    /// Where C++ backends take gRPC from.
    pub grpc: Grpc,
    /// `--set key=value`: CMake options or pins.
    pub settings: BTreeMap<String, String>,
}
