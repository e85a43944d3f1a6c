//! `merge`.

use camino::Utf8PathBuf;
use clap::Args;
use drive::publish::{Asked, Which};
use model::image_names::TagSuffix;
use model::oci::Repository;

/// Make one image of the images of its platforms, and publish it.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask merge --tag-suffix -cpu-llama-cpp --tag v1.2.3
  cargo xtask merge --tag-suffix -cpu-llama-cpp --digests /tmp/digests --sign
  cargo xtask merge --tag-suffix -cpu-llama-cpp --tag test --publish-to localhost:5000/x --dry-run
  cargo xtask merge --root core --tag v1.2.3
  cargo xtask merge --list

All platforms that the manifests promise must be there, and no others, or nothing is published. A merge that was
broken off goes on when it is run again; one that is done does nothing.")]
pub struct Merge {
    /// The end of the image's tags, such as -cpu-llama-cpp.
    #[arg(long, value_name = "SUFFIX", allow_hyphen_values = true, required_unless_present_any = ["list", "root"])]
    pub tag_suffix: Option<TagSuffix>,
    /// A root image, as `build-image` calls it, such as core or vulkan.
    #[arg(long, value_name = "NAME", conflicts_with = "tag_suffix")]
    pub root: Option<String>,
    /// List the suffixes of all published images, with their platforms.
    #[arg(long, conflicts_with_all = ["tag_suffix", "root"])]
    pub list: bool,
    /// Files named by the digests of the images to merge, as build jobs leave them. By default the images are found in
    /// the cache registry under the keys of this checkout.
    #[arg(long, value_name = "DIR")]
    pub digests: Option<Utf8PathBuf>,
    /// A name for the image, such as v1.2.3; the suffix is added. By default what the CI event says: the branch, the
    /// version, latest for releases, the commit.
    #[arg(long, value_name = "NAME")]
    pub tag: Vec<String>,
    /// The repository that has the images under their keys; the one of variants.yaml by default.
    #[arg(long, value_name = "REPOSITORY")]
    pub registry: Option<Repository>,
    /// Where to publish; the repositories of variants.yaml by default.
    #[arg(long, value_name = "REPOSITORY")]
    pub publish_to: Vec<Repository>,
    /// Sign the image with cosign before any tag names it.
    #[arg(long)]
    pub sign: bool,
    /// Let a tag lose platforms that the manifests no longer promise.
    #[arg(long)]
    pub drop_platforms: bool,
    /// Show what would be done; write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

impl Merge {
    /// What is asked for; none with `--list`.
    pub fn asked(&self) -> Option<Asked> {
        let root = self.root.clone().map(Which::Root);
        Some(Asked {
            which: root.or_else(|| self.tag_suffix.clone().map(Which::Suffix))?,
            digests: self.digests.clone(),
            tags: self.tag.clone(),
            registry: self.registry.clone(),
            publish_to: self.publish_to.clone(),
            sign: self.sign,
            drop_platforms: self.drop_platforms,
        })
    }
}
