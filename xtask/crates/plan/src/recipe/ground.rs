//! What a container unit starts from: its variant's base, with what its family needs on top.

use super::{Catalog, PlanError};
use crate::container::{Footing, Ground};
use crate::toolchain::{Family, Request};
use model::backend::Backend;
use model::platform::{Os, Platform};
use model::template::Template;
use model::variant::{Base, Variant};
use std::sync::Arc;

/// The ground of `backend` in `variant` on `platform`.
pub fn ground(
    catalog: Catalog<'_>,
    backend: &Backend,
    variant: &Variant,
    platform: Platform,
) -> Result<Ground, PlanError> {
    let (base, family) = start(backend, variant, platform)?;
    made(catalog, variant, platform, base, family)
}

/// The same, one of those that the catalog knows.
pub(super) fn footing(
    catalog: Catalog<'_>,
    backend: &Backend,
    variant: &Variant,
    platform: Platform,
) -> Result<Arc<Footing>, PlanError> {
    let (base, family) = start(backend, variant, platform)?;
    let make = || made(catalog, variant, platform, base, family);
    catalog.footings.get(&variant.name, platform, family, make)
}

fn start<'a>(
    backend: &Backend,
    variant: &'a Variant,
    platform: Platform,
) -> Result<(&'a Base, Family), PlanError> {
    let refuse = |why: String, next: &str| PlanError::NotContainer {
        what: format!("`{}` in variant `{}` for {platform}", backend.name, variant.name),
        why,
        next: next.to_owned(),
    };
    if platform.os != Os::Linux {
        let why = "there are no containers of that system".to_owned();
        return Err(refuse(why, "run the same command on a Mac"));
    }
    let Some(base) = variant.bases.get(&platform.arch) else {
        let why = format!("nothing says what {platform} starts from");
        return Err(refuse(why, "add a row to `consumers` in backend/variants.yaml"));
    };
    Ok((base, Family::of_recipe(&backend.recipe, base.grpc)))
}

/// Nothing of the backend but its family comes in here: all of a family share it.
fn made(
    catalog: Catalog<'_>,
    variant: &Variant,
    platform: Platform,
    base: &Base,
    family: Family,
) -> Result<Ground, PlanError> {
    let request = Request::for_base(variant, platform.arch, base, family);
    let prebuilt = base.prebuilt.clone().filter(|_| family.has_bases());
    let template = catalog.templates.digest(Template::Base).filter(|_| family.has_bases());
    Ok(Ground { prebuilt, ..Ground::of(platform, &base.image, template, &request, catalog.pins)? })
}
