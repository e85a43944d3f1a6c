//! Where C++ backends take gRPC from.

/// Where C++ backends take gRPC from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case", from = "OfImage")]
pub enum Grpc {
    /// The distribution's packages.
    System,
    /// Built from a pinned source: a step of an image, a unit of its own on a host.
    Source(GrpcPin),
}

/// The gRPC of an image.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Grpc")]
#[serde(rename_all = "kebab-case")]
enum OfImage {
    /// The distribution's packages.
    System,
    /// v1.65.0, compiled from its git hosts' sources into `/opt/grpc`.
    Source,
}

impl From<OfImage> for Grpc {
    fn from(grpc: OfImage) -> Self {
        match grpc {
            OfImage::System => Self::System,
            OfImage::Source => Self::default(),
        }
    }
}

impl Default for Grpc {
    fn default() -> Self {
        Self::Source(GrpcPin::Upstream)
    }
}

/// Which gRPC is built.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum GrpcPin {
    /// That of the reference, with the libraries that it vendors.
    Upstream,
    /// The newest that the Rust registry has, made of two of its packages.
    Registry,
}

impl GrpcPin {
    /// The name in options and in the unit's identity.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upstream => "source",
            Self::Registry => "registry",
        }
    }
}
