//! The targets that carry a compiler cache into a builder and out of it.

use super::bake::{Attest, Export, Target, TargetName, TargetNameError};
use camino::Utf8Path;
use model::image_names::CompilerCacheTag;
use model::oci::{ImageDigest, Repository};
use model::platform::Platform;

/// The target that puts the seed into the builder's cache mount.
pub const LOAD: &str = "ccache-load";
/// The target that pushes what the build used.
pub const DUMP: &str = "ccache-dump";
/// What a carried cache may hold, as ccache's own limit: 5 GiB.
pub const MAX_BYTES: u64 = 5 << 30;

/// A compiler cache to carry.
#[derive(Debug, Clone, Copy)]
pub struct CompilerCache<'a> {
    /// The templates: `docker/` of the checkout.
    pub templates: &'a Utf8Path,
    /// The program `pack`, and nothing else.
    pub packer: &'a Utf8Path,
    /// The builder's platform.
    pub platform: Platform,
    /// The cache repository.
    pub repository: &'a Repository,
    /// Which cache.
    pub tag: &'a CompilerCacheTag,
    /// What it names, where it was looked at.
    pub seed: Option<&'a ImageDigest>,
    /// Differs from every other run's, so that neither target is cached.
    pub run: &'a str,
}

impl CompilerCache<'_> {
    /// The image that carries it.
    pub fn reference(&self) -> String {
        format!("{}:{}", self.repository, self.tag.tag())
    }

    /// The image that is loaded: the one that was looked at, whatever the tag names by then.
    fn seed(&self) -> String {
        self.seed.map_or_else(|| self.reference(), |seed| format!("{}@{seed}", self.repository))
    }

    /// The cache mount of the unit's template.
    pub fn id(&self) -> String {
        self.tag.tag().to_string()
    }

    /// Both targets. The first wants the image to be there; the second wants the compiling step to have run.
    pub fn targets(&self) -> Result<[(TargetName, Target); 2], TargetNameError> {
        let mut load = self.target("load");
        load.contexts.insert("seed".to_owned(), format!("docker-image://{}", self.seed()));
        load.exports = vec![Export::Nothing];
        let mut dump = self.target("dump");
        dump.args.insert("MAX_BYTES".to_owned(), MAX_BYTES.to_string());
        dump.exports = vec![Export::Carrier { reference: self.reference() }];
        Ok([(LOAD.parse()?, load), (DUMP.parse()?, dump)])
    }

    fn target(&self, stage: &str) -> Target {
        let mut target = Target::new(self.packer, self.templates.join("Dockerfile.compiler-cache"));
        target.contexts.insert("packer".to_owned(), self.packer.to_string());
        target.args.insert("CACHE_ID".to_owned(), self.id());
        target.args.insert("RUN_ID".to_owned(), self.run.to_owned());
        target.stage = stage.parse().ok();
        target.platforms = vec![self.platform];
        target.attest = Attest::NONE.into();
        target
    }
}
