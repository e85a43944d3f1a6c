//! `build-backend` and what can be said to it.

use super::UnitOptions;
use clap::{Args, ValueEnum};
use drive::container::Asked;
use model::image_names::TagSuffix;
use model::name::BackendName;
use model::oci::Repository;
use plan::container::BuilderChoice;

/// Heading of the options of container builds.
const CONTAINERS: &str = "Containers";

/// Build and package backends.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask build-backend llama-cpp
  cargo xtask build-backend llama-cpp --build
  cargo xtask build-backend llama-cpp --flavor fallback,grpc --output llama.oci.tar
  cargo xtask build-backend llama-cpp --set GGML_LTO=ON --timings
  cargo xtask build-backend llama-cpp --shared-cache redis://cache.example:6379
  cargo xtask build-backend llama-cpp --realm container --variant cuda-12 --platform linux/amd64
  cargo xtask build-backend llama-cpp --realm container --push --digests digests
  cargo xtask build-backend --tag-suffix -cpu-llama-cpp --platform linux/arm64 --push
  cargo xtask build-backend --all --dry-run")]
pub struct BuildBackend {
    /// Backends, as `cargo xtask list` shows them.
    #[arg(required_unless_present_any = ["all", "tag_suffix"])]
    pub backends: Vec<BackendName>,
    /// Instead: what is published under this suffix, as it is published; --platform says which, if there are several.
    #[arg(long, value_name = "SUFFIX", allow_hyphen_values = true, conflicts_with_all = ["backends", "all", "variant"])]
    pub tag_suffix: Option<TagSuffix>,
    /// Every backend; what this machine or the other options cannot build is named and passed over.
    #[arg(long, conflicts_with = "backends")]
    pub all: bool,
    #[command(flatten)]
    pub unit: UnitOptions,
    /// Parallel jobs across everything that builds at once; by default one a processor.
    #[arg(short, long)]
    pub jobs: Option<usize>,
    /// Show what would be done, and why; do nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Build even if the result is there: as a cached package, or as an image in the registry. What it stands on is not
    /// built again, and compiler caches are used.
    #[arg(long, visible_alias = "no-cache")]
    pub force: bool,
    #[command(flatten)]
    pub own: OwnBuild,
    /// Fail when a step needs a file that the manifest does not declare, rather than build without saving. The default in CI.
    #[arg(long)]
    pub strict: bool,
    /// On a Mac: let Homebrew install what is missing, rather than say how to. Linux does so without being asked.
    #[arg(long)]
    pub install_deps: bool,
    /// Also write the package here: a directory, or an OCI image if the name ends in .tar.
    #[arg(long, value_name = "DIR|FILE.tar")]
    pub output: Option<camino::Utf8PathBuf>,
    /// Also load the package into the local Docker, as the image localhost/BACKEND:VARIANT.
    #[arg(long)]
    pub load: bool,
    /// The compiler cache that machines share, or `off`; by default that of backend/variants.yaml. ccache speaks to
    /// redis://host:port and http://host/path, sccache to redis://, s3://bucket and github. Who we are to it stands in
    /// XTASK_COMPILER_CACHE_CREDENTIALS (redis://name:password@host:port), and nowhere else.
    #[arg(long, value_name = "URL")]
    pub shared_cache: Option<String>,
    /// Write an HTML page and a Chrome trace of where the time went, below target/xtask-timings.
    #[arg(long)]
    pub timings: bool,
    /// Carry out, with the programs that are on PATH here, what is planned for the machine in FILE, and keep nothing of it in
    /// the cache: for tests, whose programs stand in for that machine's.
    #[arg(long, value_name = "FILE", hide = true, conflicts_with_all = ["push", "install_deps"])]
    pub stand_in_for: Option<camino::Utf8PathBuf>,
    #[command(flatten)]
    pub containers: ContainerOptions,
}

/// Whether a published package will do.
#[derive(Debug, Clone, Copy, Args)]
pub struct OwnBuild {
    /// Build, or use what was built here, and ask no registry for the published package. It is asked for where nothing is
    /// said of how to build: no realm, flavor, setting, gRPC or compiler cache. In CI it never is.
    #[arg(long, env = "XTASK_BUILD", hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new())]
    pub build: bool,
}

/// Options of builds in the container realm.
#[derive(Debug, Clone, Default, Args)]
pub struct ContainerOptions {
    /// What the build starts from: a builder base made ahead, the bare image, or the base where the registry has it.
    #[arg(help_heading = CONTAINERS, long, value_enum, default_value_t = BuilderFrom::Auto)]
    pub builder: BuilderFrom,
    /// The builder of `docker buildx ls` to build with; the current one by default.
    #[arg(help_heading = CONTAINERS, long, value_name = "NAME", env = "BUILDX_BUILDER")]
    pub buildx_builder: Option<String>,
    /// Push the image by digest to every repository, and keep it in the cache repository under its key. An image that is
    /// there already is not built again.
    #[arg(help_heading = CONTAINERS, long)]
    pub push: bool,
    /// The repository that holds what machines share: layers, bases, compiler caches, images by key; by default that of
    /// backend/variants.yaml.
    #[arg(help_heading = CONTAINERS, long, value_name = "REPOSITORY")]
    pub registry: Option<Repository>,
    /// Repositories to push to; by default those of backend/variants.yaml.
    #[arg(help_heading = CONTAINERS, long, value_name = "REPOSITORY", num_args = 1..)]
    pub publish_to: Vec<Repository>,
    /// With --push: also write an empty file, named by the image's digest, into this directory.
    #[arg(help_heading = CONTAINERS, long, value_name = "DIR", requires = "push")]
    pub digests: Option<camino::Utf8PathBuf>,
}

/// What a container build starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum BuilderFrom {
    #[default]
    Auto,
    Prebuilt,
    #[value(name = "fromsource")]
    FromSource,
}

impl From<BuilderFrom> for BuilderChoice {
    fn from(from: BuilderFrom) -> Self {
        match from {
            BuilderFrom::Auto => Self::Auto,
            BuilderFrom::Prebuilt => Self::Prebuilt,
            BuilderFrom::FromSource => Self::FromSource,
        }
    }
}

impl From<&ContainerOptions> for Asked {
    fn from(options: &ContainerOptions) -> Self {
        let ContainerOptions { builder, buildx_builder, push, registry, publish_to, digests } =
            options.clone();
        Self { builder: builder.into(), buildx_builder, push, registry, publish_to, digests }
    }
}
