//! Installs what units need, and measures them again where that changed a key.

use super::mac;
use super::preflight::{self, Lacking};
use super::tools::Tools;
use super::{Keyed, measure};
use crate::error::Coded;
use crate::session::Session;
use anyhow::Result;
use exec::install::{Event, InstallError, Options, pending, run};
use model::grpc::Grpc;
use model::platform::Os;
use model::variant::Variant;
use plan::Fact;
use plan::toolchain::{self, Family, InstallPlan, Request, Tool};
use std::io::IsTerminal;

/// Makes the machine ready for `units`, installing only what is missing; an error if something is lacking even then.
pub fn install(session: &Session, mut units: Vec<Keyed>) -> Result<(Vec<Keyed>, Tools)> {
    mac::refuse(session, &families(session, &units), units.iter().map(|keyed| keyed.plan.disk_mib).max())?;
    let (changed, tools) = make_ready(session, &families(session, &units))?;
    if changed || !Lacking::of(&units).is_empty() {
        units = measure(session, units.into_iter().map(|keyed| keyed.plan).collect())?;
    }
    preflight::check(&units)?;
    Ok((units, tools))
}

/// Makes the machine ready for families in variants; whether anything was missing.
pub fn make_ready(session: &Session, families: &[(Family, &Variant)]) -> Result<(bool, Tools)> {
    let (mut tools, mut changed) = (Tools::default(), false);
    for (family, _) in families {
        tools.hold(session, *family)?;
    }
    // Another machine holds what its file says, and nothing is installed there.
    if session.captured().is_none() {
        for plan in needs_of(session, families)? {
            changed |= carry_out(session, &plan)?;
        }
    }
    if exec::tools::link(&session.tools()?, session.manifests.pinned())? || changed {
        // What was not there is, and what is on PATH may be older.
        session.programs()?.forget();
    }
    for (family, _) in families {
        tools.hold(session, *family)?;
    }
    Ok((changed, tools))
}

/// What the machine must hold for `units`: none where the distribution is not known, and all is up to the user.
pub fn plans(session: &Session, units: &[Keyed]) -> Result<Vec<InstallPlan>> {
    needs_of(session, &families(session, units))
}

fn families<'a>(session: &'a Session, units: &[Keyed]) -> Vec<(Family, &'a Variant)> {
    let family = |keyed: &Keyed| {
        let unit = &keyed.plan.unit;
        let backend = session.manifests.backends.get(&unit.backend)?;
        let grpc = keyed.plan.deps.first().map_or(Grpc::System, |dep| Grpc::Source(dep.grpc));
        Some((Family::of_recipe(&backend.recipe, grpc), session.manifests.variants.get(&unit.variant)?))
    };
    let known = session.host.distro.is_some() || session.host.platform.os == Os::Darwin;
    units.iter().filter(|_| known).filter_map(family).collect()
}

/// What is the same for several is in it once.
fn needs_of(session: &Session, families: &[(Family, &Variant)]) -> Result<Vec<InstallPlan>> {
    if session.host.platform.os == Os::Darwin && !families.is_empty() {
        let families: Vec<Family> = families.iter().map(|(family, _)| *family).collect();
        return Ok(vec![mac::needs(session.host.platform.arch, &families)?]);
    }
    let mut plans = Vec::new();
    for (family, variant) in families {
        let plan = needs(session, *family, variant)?;
        if !plans.contains(&plan) {
            plans.push(plan);
        }
    }
    Ok(plans)
}

/// What this machine must hold for a family in a variant.
pub fn needs(session: &Session, family: Family, variant: &Variant) -> Result<InstallPlan> {
    let mut facts = session.facts()?;
    let tools: Vec<Fact> =
        Tool::of(family).into_iter().map(|tool| Fact::Tool(tool.program().to_owned())).collect();
    let present = facts.get(&tools);
    facts.save();
    let request = Request::for_host(&session.host, variant, family, Some(session.tools()?), present);
    let plan = request.and_then(|request| toolchain::plan(&request, session.manifests.pinned()));
    plan.map_err(|error| Coded::Missing(error.to_string()).into())
}

/// Carries out a plan; whether there was anything to do.
fn carry_out(session: &Session, plan: &InstallPlan) -> Result<bool> {
    if pending(plan)?.steps.is_empty() {
        return Ok(false);
    }
    if session.offline {
        let names: Vec<String> = pending(plan)?.steps.iter().map(|step| step.id.to_string()).collect();
        let text =
            format!("{} must be installed, and --offline forbids it: run once without", names.join(", "));
        return Err(Coded::Missing(text).into());
    }
    let log = session.scratch("logs")?.join("install-base-deps.log");
    let options =
        Options { privilege: session.host.privilege, terminal: std::io::stdin().is_terminal(), log: &log };
    let mut progress: Option<ui::Progress> = None;
    let result = run(plan, &options, |event| match event {
        Event::Step(label) => {
            if let Some(done) = progress.take() {
                done.finish(&session.ui);
            }
            progress = Some(session.ui.progress(&format!("install {label}")));
        }
        Event::Line(line) => {
            if let Some(progress) = &progress {
                progress.line(line);
            }
            session.ui.detail(line);
        }
    });
    if let Some(done) = progress {
        done.finish(&session.ui);
    }
    match result {
        Ok(_) => Ok(true),
        Err(error @ InstallError::NeedsRoot { .. }) => Err(Coded::Missing(error.to_string()).into()),
        Err(error) => Err(error.into()),
    }
}
