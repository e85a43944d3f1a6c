//! `--set key=value`: a pin's commit, or a CMake option.

use super::PlanError;
use crate::name::PinName;
use crate::request::Request;
use crate::source::{Mirror, Pin, Upstream};
use crate::suggest;
use std::collections::BTreeMap;

/// The pin as the user wants it: `--set NAME=COMMIT` moves a git pin for one build.
///
/// The tree's checksum is unknown then; the commit itself is what is verified, and only git mirrors can serve it.
pub(super) fn override_pin(pin: &Pin, request: &Request) -> Result<Pin, PlanError> {
    let Some(value) = request.settings.get(pin.name.as_str()) else { return Ok(pin.clone()) };
    let setting = |why: String| PlanError::Setting { key: pin.name.to_string(), why };
    let Upstream::Git { url, .. } = &pin.upstream else {
        return Err(setting("only a pin on a git repository can be moved this way".to_owned()));
    };
    let commit = value.parse().map_err(|error: crate::source::HexError| setting(error.to_string()))?;
    let mut moved = pin.clone();
    moved.upstream = Upstream::Git { url: url.clone(), commit };
    moved.version.clone_from(value);
    moved.tree = None;
    moved.mirrors.retain(|mirror| matches!(mirror, Mirror::Git { .. } | Mirror::Path { .. }));
    Ok(moved)
}

/// Every `--set` must have been read by something: a typing error must not be ignored.
pub(super) fn refuse_unused(
    request: &Request,
    used: &[String],
    pins: &BTreeMap<PinName, Pin>,
) -> Result<(), PlanError> {
    for key in request.settings.keys() {
        if used.contains(key) || pins.contains_key(key.as_str()) {
            continue;
        }
        let known = used.iter().map(String::as_str).chain(pins.keys().map(PinName::as_str));
        let hint = suggest::hint(key, known);
        return Err(PlanError::Setting {
            key: key.clone(),
            why: format!("no pin and no CMake option of this backend has that name{hint}"),
        });
    }
    Ok(())
}
