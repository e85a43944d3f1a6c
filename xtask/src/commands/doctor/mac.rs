//! What a Mac can build, this one or the one of a file.

use super::plans;
use crate::exit::Done;
use anyhow::Result;
use drive::make::mac::problems;
use drive::make::{self, Keyed, Lacking};
use drive::session::Session;
use model::grpc::Grpc;
use plan::toolchain::Family;
use std::slice;

/// What a build of any backend needs, in MiB.
const SMALLEST_MIB: u64 = 1500;

/// Says it, line by line; differs (exit code 4) when something is missing.
pub fn run(session: &Session) -> Result<Done> {
    let host = &session.host;
    session.ui.line(format_args!(
        "machine   {} · {} · {} processors · {} MiB memory",
        host.platform, host.cpu, host.cpus, host.memory_mib
    ));
    session.ui.line(format_args!("packages  for macOS {} and newer", session.manifests.macos));
    super::shared_cache(session)?;
    let (units, missing) = missing(session)?;
    for keyed in &units {
        let lacking = Lacking::of(slice::from_ref(keyed));
        let state = if lacking.is_empty() { "ready" } else { "needs tools, see below" };
        session.ui.line(format_args!("backend   {}: {state}", keyed.plan.unit));
    }
    for line in &missing {
        session.ui.line(format_args!("missing   {line}"));
    }
    let (text, done) = if missing.is_empty() {
        ("everything is here", Done::Well)
    } else {
        ("mend what is missing: nothing of it needs root", Done::Differs)
    };
    session.ui.done(text);
    Ok(done)
}

/// What it builds by default, and all that is missing for that.
pub fn missing(session: &Session) -> Result<(Vec<Keyed>, Vec<String>)> {
    let plans = plans(session);
    let disk_mib = plans.iter().map(|plan| plan.disk_mib).fold(SMALLEST_MIB, u64::max);
    let recipes = session.manifests.backends.values().map(|backend| &backend.recipe);
    let families: Vec<Family> = recipes.map(|recipe| Family::of_recipe(recipe, Grpc::System)).collect();
    let units = make::measure(session, plans)?;
    let problems = problems(session, &families, disk_mib)?;
    let mut missing: Vec<String> = problems.iter().map(ToString::to_string).collect();
    if missing.is_empty() {
        // What is lacking because of one of those needs no line of its own.
        missing.extend(Lacking::of(&units).lines());
    }
    Ok((units, missing))
}
