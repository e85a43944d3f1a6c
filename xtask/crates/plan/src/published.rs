//! Every unit that the manifests publish, and the plan of each: what the matrix, the registry and the merge are about.

use crate::container::BuilderChoice;
use crate::plan::Plan;
use crate::realm::Realm;
use crate::recipe::{self, PlanError};
use crate::request::{CompilerCache, RealmChoice, Request};
use model::backend::Backend;
use model::grpc::Grpc;
use model::host::Host;
use model::manifest::Manifests;
use model::platform::Os;
use model::unit::UnitId;
use std::collections::BTreeMap;

/// Every published unit: backends by name, their variants and platforms in the order of their manifests.
pub fn units(manifests: &Manifests) -> impl Iterator<Item = UnitId> {
    manifests.backends.values().flat_map(units_of)
}

/// Those of one backend.
pub fn units_of(backend: &Backend) -> impl Iterator<Item = UnitId> {
    backend.variants.iter().flat_map(|used| {
        used.platforms.iter().map(|platform| UnitId {
            backend: backend.name.clone(),
            variant: used.variant.clone(),
            platform: *platform,
        })
    })
}

/// How a unit is published: Linux from containers, whatever machine asks; macOS has none, and builds on a Mac.
pub fn published(unit: &UnitId) -> Request {
    Request {
        backend: unit.backend.clone(),
        variant: Some(unit.variant.clone()),
        platform: Some(unit.platform),
        flavors: Vec::new(),
        publish: true,
        realm: match unit.platform.os {
            Os::Linux => RealmChoice::Container,
            Os::Darwin => RealmChoice::Native,
        },
        builder: BuilderChoice::default(),
        compiler_cache: CompilerCache::default(),
        grpc: Grpc::System,
        settings: BTreeMap::new(),
    }
}

/// The plan by which a unit is published. That of a Mac is made here as well, for a Mac of which nothing is known.
pub fn plan(manifests: &Manifests, host: &Host, unit: &UnitId) -> Result<Plan, PlanError> {
    let request = published(unit);
    if request.realm == RealmChoice::Native && host.platform != unit.platform {
        return recipe::plan(manifests, &host.elsewhere(unit.platform), &request);
    }
    recipe::plan(manifests, host, &request)
}

/// The plan by which the unit of a request is published, where the request says which unit, and nothing of how to build it: what
/// is published serves as well then as what this machine would make.
pub fn instead(manifests: &Manifests, host: &Host, request: &Request) -> Option<Plan> {
    let backend = recipe::find_backend(manifests, &request.backend).ok()?;
    let platform = request.platform.unwrap_or(host.platform);
    let variant = recipe::find_variant(manifests, Some(backend), platform, request.variant.as_ref()).ok()?;
    let unit = UnitId { backend: backend.name.clone(), variant: variant.name.clone(), platform };
    let published = published(&unit);
    let Request { variant, platform, publish, realm, .. } = published.clone();
    let filled = Request { variant, platform, publish, realm, ..request.clone() };
    let says_nothing_else = request.realm == RealmChoice::Auto && filled == published;
    let plan = (says_nothing_else && units_of(backend).any(|of| of == unit))
        .then(|| plan(manifests, host, &unit).ok())??;
    is_keyed_on(host, &plan).then_some(plan)
}

/// Whether this machine can know the key of a plan: what is built natively elsewhere depends on the tools there.
pub fn is_keyed_on(host: &Host, plan: &Plan) -> bool {
    plan.realm != Realm::Native || plan.unit.platform == host.platform
}
