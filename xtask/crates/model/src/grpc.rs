//! Where C++ backends take gRPC from.

/// Where C++ backends take gRPC from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grpc {
    /// The distribution's packages.
    System,
    /// Built from a pinned source: a step of an image, a unit of its own on a host.
    Source(GrpcPin),
}

/// Which gRPC is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
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
