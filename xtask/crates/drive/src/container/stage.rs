//! What a container build of a unit reads, on disk: only what its key covers.

use crate::bake::{Contexts, add_source};
use crate::make::{Keyed, Snapshot};
use crate::session::Session;
use anyhow::Result;
use model::backend::LICENSE;
use model::template::Template;
use plan::container::Builder;
use plan::shell::Directories;
use store::RelPath;

/// Fills the contexts of a unit; else the files that somebody changed since it was measured.
pub fn stage(session: &Session, keyed: &Keyed, contexts: &Contexts) -> Result<Vec<RelPath>> {
    let (snapshot, changed) = Snapshot::take(session, keyed, &contexts.dir().join("checkout"))?;
    if !changed.is_empty() {
        return Ok(changed);
    }
    // What the manifests were loaded with is what the key was made of.
    let templates = Template::ALL.into_iter();
    for template in templates.filter(|template| session.manifests.templates.text(*template).is_some()) {
        contexts.add_template(session, template)?;
    }
    for pin in &keyed.plan.pins {
        add_source(session, pin, &snapshot.patches(), &contexts.sources)?;
    }
    if let Some(container) = keyed.plan.realm.container() {
        contexts.add_install(&container.base)?;
        // A prebuilt base has them inside already.
        if container.builder == Builder::FromSource {
            contexts.add_pins(session, &container.base)?;
        }
    }
    let steps = &contexts.steps;
    if let Some(prepare) = plan::lower::prepare_sh(&keyed.plan, &Directories::default()) {
        fs_err::write(steps.join("prepare.sh"), prepare)?;
    }
    fs_err::write(steps.join("build.sh"), plan::lower::build_sh(&keyed.plan, &Directories::default()))?;
    if let Some(spec) = crate::make::container_package(keyed)? {
        fs_err::write(steps.join("package.json"), serde_json::to_vec_pretty(&spec)?)?;
        fs_err::copy(snapshot.inputs().join(LICENSE), steps.join(LICENSE))?;
    }
    Ok(Vec::new())
}
