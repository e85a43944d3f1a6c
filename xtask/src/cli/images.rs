//! `base-images` and `build-image`: images that are not packages.

use clap::Args;
use model::name::BackendName;
use model::oci::Repository;
use model::platform::Platform;

/// Heading of the options that say where images go.
const REGISTRY: &str = "Registry and builder";

/// Where images and layer caches are, and who builds.
#[derive(Debug, Clone, Args)]
pub struct ImageOptions {
    /// Push what is built. In a pull request nothing is pushed.
    #[arg(help_heading = REGISTRY, long)]
    pub push: bool,
    /// The cache repository; that of backend/variants.yaml by default.
    #[arg(help_heading = REGISTRY, long, value_name = "REPOSITORY")]
    pub registry: Option<Repository>,
    /// The builder of `docker buildx ls` to build with; the current one by default.
    #[arg(help_heading = REGISTRY, long, value_name = "NAME", env = "BUILDX_BUILDER")]
    pub buildx_builder: Option<String>,
    /// Build what is there already, every step anew on the newest image, and move its tags: packages of distributions
    /// move, and no key knows.
    #[arg(long)]
    pub force: bool,
    /// Print a table; build nothing.
    #[arg(long)]
    pub list: bool,
    /// Show what would be built, and why; build nothing.
    #[arg(long, conflicts_with = "list")]
    pub dry_run: bool,
    /// Print JSON, with --list or --dry-run.
    #[arg(long)]
    pub json: bool,
}

/// Build what container builds start from.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask base-images --list
  cargo xtask base-images --for llama-cpp --push
  cargo xtask base-images --variant cuda-12-amd64 --variant amd64 --dry-run
  cargo xtask base-images --force --push")]
pub struct BaseImages {
    /// Only this base, as --list shows it; may be repeated.
    #[arg(long = "variant", value_name = "BASE", value_delimiter = ',')]
    pub variants: Vec<String>,
    /// Only the bases that this backend's variants start from; may be repeated.
    #[arg(long = "for", value_name = "BACKEND", conflicts_with = "variants")]
    pub backends: Vec<BackendName>,
    #[command(flatten)]
    pub images: ImageOptions,
}

/// Build what starts packaged backends.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask build-image --list
  cargo xtask build-image core --load
  cargo xtask build-image gpu-vulkan --output vulkan.oci.tar
  cargo xtask build-image core cuda-12 --platform linux/amd64 --push --digests digests

A package is mounted at or copied to /backends/NAME; `BACKEND=NAME` chooses one of several:
  docker run -v $PWD/target/backends/llama-cpp.cpu.linux-amd64/package:/backends/llama-cpp localhost/root:core")]
pub struct BuildImage {
    /// Which images: core, cuda-12, vulkan and so on, or the end of their tags, such as gpu-vulkan; all by default.
    pub names: Vec<String>,
    /// For which platforms; by default this machine's, where the image is made for it.
    #[arg(long, value_delimiter = ',')]
    pub platform: Vec<Platform>,
    /// Load it into the local Docker, as localhost/root:NAME.
    #[arg(long, conflicts_with_all = ["push", "output"])]
    pub load: bool,
    /// Write it into a file, as an OCI image.
    #[arg(long, value_name = "FILE.tar", conflicts_with = "push")]
    pub output: Option<camino::Utf8PathBuf>,
    /// Repositories to push to by digest; those of backend/variants.yaml by default.
    #[arg(help_heading = REGISTRY, long, value_name = "REPOSITORY")]
    pub publish_to: Vec<Repository>,
    /// With --push: also write an empty file, named by the image's digest, into this directory, for `merge`. An image that
    /// is found in the registry counts as well.
    #[arg(help_heading = REGISTRY, long, value_name = "DIR", requires = "push")]
    pub digests: Option<camino::Utf8PathBuf>,
    #[command(flatten)]
    pub images: ImageOptions,
}
