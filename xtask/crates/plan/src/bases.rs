//! Builder bases as a whole: which are asked for, and who starts from them.

use crate::toolchain::Family;
use model::backend::Backend;
use model::base::PrebuiltBase;
use model::grpc::Grpc;
use model::name::{BackendName, BaseName, VariantName};
use model::platform::Platform;
use model::text::suggest;
use model::variant::Variant;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A name that no row of `bases` has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no base `{text}`{hint} (`cargo xtask base-images --list` shows them all)")]
pub struct UnknownBase {
    text: String,
    hint: String,
}

/// Backends that start from a base, with the variants in which they do.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
#[serde(transparent)]
pub struct Consumers(BTreeMap<BackendName, BTreeSet<VariantName>>);

/// The bases of these names, in their order and each once. A base may be written as its tag, `base-grpc-…`.
pub fn select<'a>(
    bases: &'a BTreeMap<BaseName, PrebuiltBase>,
    words: &[String],
) -> Result<Vec<&'a PrebuiltBase>, UnknownBase> {
    let mut found: Vec<&PrebuiltBase> = Vec::new();
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
fn uses<'a>(
    backend: &'a Backend,
    variants: &'a BTreeMap<VariantName, Variant>,
) -> impl Iterator<Item = (&'a BaseName, &'a VariantName, Platform)> {
    let served = Family::of_recipe(&backend.recipe, Grpc::System).has_bases();
    backend.variants.iter().filter(move |_| served).flat_map(move |used| {
        let variant = variants.get(&used.variant);
        used.platforms.iter().filter_map(move |platform| {
            let (_, base) = variant?.base(platform.arch, Some(backend.recipe.language()))?;
            let base = base?;
            (platform.os == model::platform::Os::Linux).then_some((base, &used.variant, *platform))
        })
    })
}

impl Consumers {
    /// Those of a base.
    pub fn of<'a>(
        base: &BaseName,
        backends: impl Iterator<Item = &'a Backend>,
        variants: &BTreeMap<VariantName, Variant>,
    ) -> Self {
        let mut found: BTreeMap<BackendName, BTreeSet<VariantName>> = BTreeMap::new();
        for backend in backends {
            for (_, variant, _) in uses(backend, variants).filter(|(used, ..)| *used == base) {
                found.entry(backend.name.clone()).or_default().insert(variant.clone());
            }
        }
        Self(found)
    }
}

impl fmt::Display for Consumers {
    /// `llama-cpp (sycl-f16, sycl-f32)`, one after the other; `nobody` for none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nobody");
        }
        for (index, (backend, variants)) in self.0.iter().enumerate() {
            let variants: Vec<&str> = variants.iter().map(VariantName::as_str).collect();
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{backend} ({})", variants.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
