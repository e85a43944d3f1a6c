//! Media types, and the annotations that go with them.

/// An image for one platform, by the OCI specification.
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// A list of manifests, by the OCI specification.
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// An image for one platform, by docker.
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// A list of manifests, by docker.
pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// The configuration of an image.
pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// A layer as it is.
pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
/// A layer that is compressed with gzip.
pub const LAYER_GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// The configuration of what has none.
pub const EMPTY: &str = "application/vnd.oci.empty.v1+json";
/// The configuration of what BuildKit exports as a cache.
pub const BUILDKIT_CACHE: &str = "application/vnd.buildkit.cacheconfig.v0";

/// The annotation that says when something was made.
pub const CREATED: &str = "org.opencontainers.image.created";
