//! Keys of root images: what is installed on what, and the program that starts a packaged backend.

use crate::container::Ground;
use crate::toolchain::{DepsError, Request};
use model::key::Key;
use model::platform::Platform;
use model::root_image::RootImage;
use model::source::Pins;
use model::template::{Template, Templates};

/// Raised when root images change without a change in any field of the key.
const SCHEMA: u32 = 1;
/// The blake3 key-derivation context: a root image's key can never equal a unit's.
const CONTEXT: &str = "inference-backends 2026-11 root image key v2";

/// What is installed on what, for one of its platforms.
pub fn ground(
    image: &RootImage,
    platform: Platform,
    templates: &Templates,
    pins: Pins<'_>,
) -> Result<Ground, DepsError> {
    let template = templates.digest(Template::Root);
    Ground::of(platform, &image.image, template, &Request::for_root(image, platform.arch), pins)
}

/// Everything that reaches a root image of one platform, beside what is downloaded while it is built.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RootDoc {
    schema: u32,
    platform: Platform,
    image: String,
    install: String,
    template: Option<String>,
    entry: String,
}

impl RootDoc {
    /// The document of an image on this ground with the entry program of these sources.
    pub fn new(ground: &Ground, entry: &[(&str, &str)]) -> Self {
        Self {
            schema: SCHEMA,
            platform: ground.platform,
            image: ground.image.clone(),
            install: blake3::hash(ground.install_sh().as_bytes()).to_hex().to_string(),
            template: ground.template.clone(),
            entry: digest_of(entry),
        }
    }

    /// The key.
    pub fn key(&self) -> Key {
        Key::of(CONTEXT, self)
    }
}

/// One digest of named texts; no two lists have the same.
pub fn digest_of(texts: &[(&str, &str)]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in texts.iter().flat_map(|(name, text)| [name, text]) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::manifests;
    use std::collections::BTreeSet;

    #[test]
    fn a_key_covers_what_reaches_the_image() {
        let manifests = manifests();
        let roots = &manifests.root_images;
        let platforms = &roots["core"].platforms;
        let ground =
            super::ground(&roots["core"], platforms[0], &manifests.templates, manifests.pinned()).unwrap();
        let key = |ground: &Ground, entry: &[(&str, &str)]| RootDoc::new(ground, entry).key();
        let entry = [("main.rs", "fn main() {}")];
        let image = Ground { image: format!("{}@sha256:00", ground.image), ..ground.clone() };
        let template = Ground { template: Some("other".to_owned()), ..ground.clone() };
        let keys = BTreeSet::from([
            key(&ground, &entry),
            key(&template, &entry),
            key(&ground, &[("main.rs", "fn main() { }")]),
            key(&ground, &[("main", ".rsfn main() {}")]),
            key(&image, &entry),
            key(
                &super::ground(&roots["core"], platforms[1], &manifests.templates, manifests.pinned())
                    .unwrap(),
                &entry,
            ),
            key(
                &super::ground(&roots["vulkan"], platforms[0], &manifests.templates, manifests.pinned())
                    .unwrap(),
                &entry,
            ),
        ]);
        assert_eq!(keys.len(), 7);
        assert_eq!(key(&ground, &entry), key(&ground.clone(), &entry));
    }
}
