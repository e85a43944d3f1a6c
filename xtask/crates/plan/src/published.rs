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

/// Whether this machine can know the key of a plan: what is built natively elsewhere depends on the tools there.
pub fn is_keyed_on(host: &Host, plan: &Plan) -> bool {
    plan.realm != Realm::Native || plan.unit.platform == host.platform
}
