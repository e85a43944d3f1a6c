//! Several units at once, under one jobserver.

use super::summary::{Built, How};
use super::timings::Timings;
use super::unit::{self, Shared};
use super::{Keyed, Options, install, measure, prepare};
use crate::exit::Coded;
use crate::session::Session;
use crate::ui::human;
use anyhow::Result;
use exec::jobserver::Jobserver;
use plan::plan::Plan;
use plan::realm::Realm;
use std::time::Instant;

/// Builds every plan, or says that nothing is to be done.
pub fn build_all(session: &Session, plans: Vec<Plan>, options: &Options) -> Result<Vec<Built>> {
    let began = Instant::now();
    let keyed = measure(session, plans)?;
    let mut built = Vec::new();
    let mut stale = Vec::new();
    for keyed in keyed {
        if !options.no_cache && unit::is_fresh(session, &keyed)? {
            built.push(Built {
                unit: keyed.plan.unit.clone(),
                key: keyed.key.clone(),
                package: unit::target(session, &keyed)?,
                how: How::Fresh,
                took: began.elapsed(),
                warnings: 0,
            });
        } else {
            stale.push(keyed);
        }
    }
    if options.dry_run {
        for keyed in &stale {
            prepare::describe(session, keyed);
            built.push(Built {
                unit: keyed.plan.unit.clone(),
                key: keyed.key.clone(),
                package: unit::target(session, keyed)?,
                how: How::Planned,
                took: began.elapsed(),
                warnings: 0,
            });
        }
        return Ok(built);
    }
    if !stale.is_empty() {
        built.extend(build_stale(session, stale, options)?);
    }
    Ok(built)
}

fn build_stale(session: &Session, stale: Vec<Keyed>, options: &Options) -> Result<Vec<Built>> {
    for keyed in &stale {
        if let Realm::Container(_) = keyed.plan.realm {
            return Err(Coded::Usage(format!(
                "{} would be built in a container ({}), which this version cannot do yet; use --realm native on a machine that fits",
                keyed.plan.unit, keyed.plan.reason
            ))
            .into());
        }
    }
    let stale = install::install(session, stale)?;
    let timings = Timings::start();
    let jobserver = if prepare::builders_share_jobs(session)? {
        Some(Jobserver::start(&session.scratch("run")?, options.jobs)?)
    } else {
        None
    };
    let shared =
        Shared { options, makeflags: jobserver.as_ref().map(Jobserver::makeflags), timings: &timings };
    build_dependencies(session, &stale, &shared)?;
    // Without a shared jobserver each build takes all processors, so they take turns.
    let results: Vec<Result<Built>> = if jobserver.is_some() && stale.len() > 1 {
        let tasks: Vec<_> = stale.iter().collect();
        std::thread::scope(|scope| {
            let running: Vec<_> =
                tasks.into_iter().map(|keyed| scope.spawn(|| unit::build(session, keyed, &shared))).collect();
            running
                .into_iter()
                .map(|task| {
                    task.join()
                        .unwrap_or_else(|_| Err(anyhow::anyhow!("a build thread panicked; this is a bug")))
                })
                .collect()
        })
    } else {
        stale.iter().map(|keyed| unit::build(session, keyed, &shared)).collect()
    };
    if options.timings {
        let [page, trace] = timings.write(&session.root.join("target/xtask-timings"))?;
        session.ui.note(&format!("timings: {page} and {trace}"));
    }
    let mut built = Vec::new();
    let mut failed = Vec::new();
    for result in results {
        match result {
            Ok(unit) => built.push(unit),
            Err(error) => failed.push(error),
        }
    }
    match failed.len() {
        0 => Ok(built),
        1 => Err(failed.remove(0)),
        count => {
            for unit in &built {
                unit.report(&session.ui);
            }
            for error in &failed {
                session.ui.error(&format!("{error:#}"));
            }
            Err(anyhow::anyhow!(
                "{count} units failed, {} were built in {}",
                built.len(),
                human(built_time(&built))
            ))
        }
    }
}

/// Builds what several of the units may be compiled against, once. Units are asked for anew, not their dependencies.
fn build_dependencies(session: &Session, stale: &[Keyed], shared: &Shared<'_>) -> Result<()> {
    let options = Options { no_cache: false, ..shared.options.clone() };
    let shared = Shared { options: &options, makeflags: shared.makeflags.clone(), timings: shared.timings };
    for (_, dependency) in stale.iter().flat_map(|keyed| &keyed.deps) {
        if !unit::is_fresh(session, dependency)? {
            unit::build(session, dependency, &shared)?.report(&session.ui);
        }
    }
    Ok(())
}

fn built_time(built: &[Built]) -> std::time::Duration {
    built.iter().map(|unit| unit.took).max().unwrap_or_default()
}
