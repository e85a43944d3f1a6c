//! Which bases a command line names.

use crate::toolchain::Family;
use model::backend::Backend;
use model::base_image::BaseImage;
use model::grpc::Grpc;
use model::name::{BaseName, VariantName};
use model::platform::Platform;
use model::suggest;
use model::variant::Variant;
use std::collections::{BTreeMap, BTreeSet};

/// A name that no row of `bases` has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no base `{text}`{hint} (`cargo xtask base-images --list` shows them all)")]
pub struct UnknownBase {
    text: String,
    hint: String,
}

/// The bases of these names, in their order and each once. A base may be written as its tag, `base-grpc-…`.
pub fn select<'a>(
    bases: &'a BTreeMap<BaseName, BaseImage>,
    words: &[String],
) -> Result<Vec<&'a BaseImage>, UnknownBase> {
    let mut found: Vec<&BaseImage> = Vec::new();
    for word in words {
        let name = word.strip_prefix("base-grpc-").unwrap_or(word);
        let base = bases.get(name).ok_or_else(|| UnknownBase {
            text: word.clone(),
            hint: suggest::hint(name, bases.keys().map(BaseName::as_str)),
        })?;
        if !found.contains(&base) {
            found.push(base);
        }
    }
    Ok(found)
}

/// The bases that a backend's published variants start from; none for a family that starts from bare images.
pub fn of_backend(backend: &Backend, variants: &BTreeMap<VariantName, Variant>) -> BTreeSet<BaseName> {
    uses(backend, variants).map(|(base, ..)| base.clone()).collect()
}

/// Base, variant and platform of every unit of a backend that starts from a base.
pub(super) fn uses<'a>(
    backend: &'a Backend,
    variants: &'a BTreeMap<VariantName, Variant>,
) -> impl Iterator<Item = (&'a BaseName, &'a VariantName, Platform)> {
    let served = Family::of_recipe(&backend.recipe, Grpc::System).has_bases();
    backend.variants.iter().filter(move |_| served).flat_map(move |used| {
        let variant = variants.get(&used.variant);
        used.platforms.iter().filter_map(move |platform| {
            let base = variant?.bases.get(&platform.arch)?.prebuilt.as_ref()?;
            (platform.os == model::platform::Os::Linux).then_some((base, &used.variant, *platform))
        })
    })
}
