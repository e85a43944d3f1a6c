//! `plan --bake`: the definition of a unit's build as a file, for whoever wants to run `docker buildx bake` by hand.

use super::definition::Parts;
use super::{Engine, Staged, packer};
use crate::build::{self, Options};
use crate::exit::Coded;
use crate::session::Session;
use anyhow::{Context, Result};
use plan::plan::Plan;

/// The definition. What it reads is staged below the checkout, where `bake` may read, and stays there.
pub fn bake_file(session: &Session, plan: Plan, options: &Options) -> Result<String> {
    if plan.realm.container().is_none() {
        let text = format!("{} has no bake file: it is built natively; add --realm container", plan.unit);
        return Err(Coded::Usage(text).into());
    }
    let mut keyed = build::measure(session, vec![plan])?;
    let engine = Engine::prepare(session, keyed.iter_mut(), options)?;
    let keyed = keyed.pop().context("one plan gives one key")?;
    let unit = &keyed.plan.unit;
    let staged = Staged::kept(session, &keyed, session.root.join("target/bake").join(unit.slug()))?;
    staged.add_packer(&packer::directory(session, unit.platform)?)?;
    let parts = Parts {
        session,
        keyed: &keyed,
        backend: session.manifests.backends.get(&unit.backend).context("the backend is gone")?,
        container: keyed.plan.realm.container().context("a unit of the native realm: a defect")?,
        options: engine.options(),
        staged: &staged,
        again: None,
    };
    session.ui.note(&format!(
        "what it reads is in {}, its package goes to {}; from outside of {} bake wants --allow=fs={}",
        staged.dir(),
        staged.package(),
        session.root,
        session.root
    ));
    Ok(parts.bake(false)?.to_json()?)
}
