//! `plan --bake`: the definition of a unit's build as a file, for whoever wants to run `docker buildx bake` by hand.

use super::definition::Parts;
use super::{ContainerRun, stage};
use crate::bake::Contexts;
use crate::error::Coded;
use crate::helpers::Helper;
use crate::make::{self, Options};
use crate::session::Session;
use anyhow::{Context, Result, ensure};
use plan::Plan;

/// The definition. What it reads is below the checkout, where `bake` may read: it is staged there and stays, or nothing is
/// done and only the names are told.
pub fn bake_file(session: &Session, plan: Plan, options: &Options, stage: bool) -> Result<String> {
    if plan.realm.container().is_none() {
        let text = format!("{} has no bake file: it is built natively; add --realm container", plan.unit);
        return Err(Coded::Usage(text).into());
    }
    let mut keyed = make::measure(session, vec![plan])?;
    let run = ContainerRun::prepare(session, keyed.iter_mut(), options)?;
    let keyed = keyed.pop().context("one plan gives one key")?;
    let unit = &keyed.plan.unit;
    let dir = session.root.join("target/bake").join(unit.slug());
    let contexts = if stage {
        let contexts = Contexts::kept(dir)?;
        let changed = stage::stage(session, &keyed, &contexts)?;
        ensure!(changed.is_empty(), "{} changed in between; run it again", make::named(&changed));
        make::copy_tree(&Helper::Pack.directory(session, unit.platform)?, &contexts.packer)?;
        contexts
    } else {
        Contexts::named(dir)
    };
    let parts = Parts { session, keyed: &keyed, run: &run, contexts: &contexts, cache: None, id: "by-hand" };
    let (definition, _) = parts.definition()?;
    if !stage {
        session.ui.note(
            "nothing is staged: with --stage, what it reads is made as well, for `docker buildx bake -f -`",
        );
        return Ok(definition.text);
    }
    // Outside of the checkout, `bake` wants to be told.
    let reads = definition.reads.iter().chain([&session.root]);
    let allowed: Vec<String> = reads.map(|path| format!("--allow=fs.read={path}")).collect();
    let variables: Vec<String> =
        definition.variables.iter().map(|(name, value)| format!("{name}={value} ")).collect();
    session.ui.note(&format!(
        "what it reads is staged in {}; in {} run\n  … | {}docker buildx bake {} -f -\nand find the package in {}",
        contexts.dir(),
        session.root,
        variables.concat(),
        allowed.join(" "),
        contexts.package()
    ));
    Ok(definition.text)
}
