//! A registry that others start from copies of: one runner built and pushed base and tiny backend into it.

use crate::checkout::{listing, scratch};
use crate::child::tell;
use crate::runner::{CACHE, Runner};
use crate::testbed::Registry;
use std::sync::LazyLock;

/// What the first runner left.
pub struct Prepared {
    registry: Registry,
    /// Every file of its package.
    pub package: Vec<(String, String)>,
}

static PREPARED: LazyLock<Prepared> = LazyLock::new(|| {
    let dir = scratch().join("prepared");
    if dir.exists() {
        fs_err::remove_dir_all(&dir).unwrap();
    }
    // As long as the process: no thread drops a static value.
    let registry = Registry::on(dir.join("storage"), dir);
    let runner = Runner::tiny(&registry);
    let cache = registry.repository(CACHE);
    let based =
        runner.xtask(&["base-images", "--variant", "amd64", "--registry", &cache, "--push"]).expect(0);
    tell(based.line("done: "));
    let built = runner.build(&["--push"]).expect(0).says("prebuilt").says("built tiny");
    let done = built.line("done: ");
    tell(done);
    assert!(done.contains("6 compiled"), "{}\n{}", built.err, runner.progress());
    Prepared { package: listing(&runner.package()), registry }
});

impl Prepared {
    /// Prepared once.
    pub fn get() -> &'static Self {
        &PREPARED
    }

    /// A registry of the test's own with all that was pushed.
    pub fn registry() -> Registry {
        Registry::like(&PREPARED.registry)
    }

    /// The same without the finished image, so that the next runner has to build.
    pub fn registry_without_image() -> Registry {
        let registry = Self::registry();
        registry.forget(CACHE, &image_tag(&registry));
        registry
    }
}

/// The tag of the only finished image.
#[track_caller]
pub fn image_tag(registry: &Registry) -> String {
    let tags = registry.tags(CACHE);
    let mut images = tags.iter().filter(|tag| tag.starts_with("img-"));
    let image = images.next().unwrap_or_else(|| panic!("no finished image among {tags:?}"));
    assert!(images.next().is_none(), "{tags:?}");
    image.clone()
}
