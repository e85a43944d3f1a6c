//! Keys of builder bases: what an image holds before a unit's own steps run.

use super::Ground;
use model::key::Key;
use model::platform::Platform;

/// Raised when bases change without a change in any field.
const SCHEMA: u32 = 1;
/// The blake3 key-derivation context: a base's key can never equal a unit's.
const CONTEXT: &str = "inference-backends 2026-11 base key v2";

#[derive(serde::Serialize)]
struct Document<'a> {
    schema: u32,
    platform: Platform,
    image: &'a str,
    install: &'a str,
    template: Option<&'a str>,
    path: &'a [String],
}

/// The key of a base on this ground, whose script is `install`: its platform, the image below it, the script that fills
/// it and the template that runs the script.
pub(super) fn base_key(ground: &Ground, install: &str) -> Key {
    let Ground { platform, image, distro: _, install: _, path, template, prebuilt: _ } = ground;
    let template = template.as_deref();
    Key::of(CONTEXT, &Document { schema: SCHEMA, platform: *platform, image, install, template, path })
}
