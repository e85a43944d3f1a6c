//! What the manifests say, as planning needs it.

use super::PlanError;
use crate::container::Footings;
use model::backend::Backend;
use model::manifest::Manifests;
use model::name::{BackendName, VariantName};
use model::platform::Platform;
use model::source::Pins;
use model::suggest;
use model::template::Templates;
use model::variant::Variant;
use std::collections::BTreeMap;

/// Checked manifests as planning needs them.
#[derive(Debug, Clone, Copy)]
pub struct Catalog<'a> {
    /// All backends.
    pub backends: &'a BTreeMap<BackendName, Backend>,
    /// All variants.
    pub variants: &'a BTreeMap<VariantName, Variant>,
    /// All pins.
    pub pins: Pins<'a>,
    /// The variant of each platform that is meant when none is named.
    pub defaults: &'a BTreeMap<Platform, VariantName>,
    /// The templates of container builds.
    pub templates: &'a Templates,
    /// What container units start from, as far as it has been planned.
    pub footings: &'a Footings,
}

impl<'a> Catalog<'a> {
    /// What these manifests say; `footings` are no others'.
    pub fn of(manifests: &'a Manifests, footings: &'a Footings) -> Self {
        let Manifests { backends, variants, defaults, templates, .. } = manifests;
        Self { backends, variants, pins: manifests.pinned(), defaults, templates, footings }
    }

    /// The backend of that name, or an error that suggests the nearest.
    pub fn backend(&self, name: &BackendName) -> Result<&'a Backend, PlanError> {
        self.backends.get(name).ok_or_else(|| PlanError::UnknownBackend {
            name: name.clone(),
            hint: suggest::hint(name.as_str(), self.backends.keys().map(BackendName::as_str)),
        })
    }
}
