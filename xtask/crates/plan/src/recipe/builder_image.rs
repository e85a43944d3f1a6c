//! What a container unit starts from: its variant's base, with what its family needs on top.

use super::PlanError;
use crate::container::{BuilderImage, BuilderImages};
use crate::toolchain::Family;
use model::backend::Backend;
use model::manifest::Manifests;
use model::platform::{Os, Platform};
use model::template::Template;
use model::variant::Variant;
use std::sync::Arc;

/// What `backend` in `variant` on `platform` starts from; made once for all that share it.
pub fn builder_image(
    manifests: &Manifests,
    backend: &Backend,
    variant: &Variant,
    platform: Platform,
) -> Result<Arc<BuilderImage>, PlanError> {
    let refuse = |why: String, next: &str| PlanError::NotContainer {
        what: format!("`{}` in variant `{}` for {platform}", backend.name, variant.name),
        why,
        next: next.to_owned(),
    };
    if platform.os != Os::Linux {
        let why = "there are no containers of that system".to_owned();
        return Err(refuse(why, "run the same command on a Mac"));
    }
    let Some((base, prebuilt)) = variant.base(platform.arch, Some(backend.recipe.language())) else {
        let why = format!("nothing says what {platform} starts from");
        return Err(refuse(why, "add a row to `consumers` in backend/variants.yaml"));
    };
    // Nothing of the backend but its family comes in here: all of a family share it.
    let family = Family::of_recipe(&backend.recipe, base.grpc);
    manifests.derived.get::<BuilderImages>().get(&variant.name, platform, family, || {
        let prebuilt = prebuilt.filter(|_| family.has_bases());
        let template = manifests.templates.digest(Template::Base).filter(|_| family.has_bases());
        Ok(BuilderImage::new(base, platform, family, template, prebuilt, manifests.pinned())?)
    })
}
