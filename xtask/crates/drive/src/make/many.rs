//! Several units at once, under one jobserver.

use super::summary::{Built, How};
use super::take::{Offer, Stale, Taker, Wanted, is_cached};
use super::timings::Timings;
use super::tools::Tools;
use super::unit::{self, Shared};
use super::{Keyed, Options, SharedCache, install, measure, place, preflight, prepare, results};
use crate::container::ContainerRun;
use crate::error::Coded;
use crate::error::told;
use crate::session::Session;
use crate::workplace::{self, Workplace};
use anyhow::Result;
use exec::jobserver::Jobserver;
use plan::Plan;
use rayon::prelude::*;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use ui::human;

/// Has every unit there, built or taken, or says that nothing is to be done.
pub fn build_all(session: &Session, wanted: Vec<Wanted>, options: &Options) -> Result<Vec<Built>> {
    let began = Instant::now();
    let (plans, published): (Vec<Plan>, Vec<Option<Plan>>) =
        wanted.into_iter().map(|wanted| (wanted.plan, wanted.published)).unzip();
    let keyed = measure(session, plans)?;
    if options.containers.pushes()
        && let Some(keyed) = keyed.iter().find(|keyed| !unit::in_container(keyed))
    {
        let text = format!("--push: {} is built natively; add --realm container", keyed.plan.unit);
        return Err(Coded::Usage(text).into());
    }
    let fresh: Vec<bool> = keyed
        .par_iter()
        .map(|keyed| Ok(!is_wanted_anew(keyed, options) && place::is_fresh(session, keyed)?))
        .collect::<Result<_>>()?;
    let (mut there, mut stale) = (Vec::new(), Vec::new());
    for ((keyed, published), fresh) in keyed.into_iter().zip(published).zip(fresh) {
        if fresh {
            there.push(keyed);
        } else {
            let published = published.filter(|_| !is_wanted_anew(&keyed, options));
            stale.push((keyed, published));
        }
    }
    let Stale { fresh, own: mut stale, offers } = Stale::look(session, stale)?;
    there.extend(fresh);
    let found = |keyed: &Keyed, how| -> Result<Built> {
        Ok(Built {
            unit: keyed.plan.unit.clone(),
            key: keyed.key,
            package: place::target(session, keyed)?,
            how,
            took: began.elapsed(),
            warnings: 0,
            image: None,
        })
    };
    let mut built: Vec<Built> = there.iter().map(|keyed| found(keyed, How::Fresh)).collect::<Result<_>>()?;
    if options.dry_run {
        let (taken, own) = Taker::ask(session, &offers, options)?.describe(offers);
        stale.extend(own);
        let containers = containers(session, &mut stale, options)?;
        for keyed in &stale {
            match containers.as_ref().filter(|_| unit::in_container(keyed)) {
                Some(containers) => containers.describe(session, keyed)?,
                None => prepare::describe(session, keyed),
            }
        }
        for keyed in taken.iter().chain(&stale) {
            built.push(found(keyed, How::Planned)?);
        }
        return Ok(built);
    }
    if !stale.is_empty() || !offers.is_empty() {
        built.extend(build_stale(session, stale, offers, options)?);
    }
    Ok(built)
}

/// What builds those of the units that are built in containers.
fn containers(session: &Session, units: &mut [Keyed], options: &Options) -> Result<Option<ContainerRun>> {
    if !units.iter().any(unit::in_container) {
        return Ok(None);
    }
    ContainerRun::prepare(session, units.iter_mut(), options).map(Some)
}

fn build_stale(
    session: &Session,
    mut stale: Vec<Keyed>,
    offers: Vec<Offer>,
    options: &Options,
) -> Result<Vec<Built>> {
    // What is done from here on is no answer that could be given again, however much of it is printed.
    memo::spoil();
    drop(ui::printed());
    let timings = Timings::start();
    let (taken, own) = Taker::ask(session, &offers, options)?.take(offers, &timings)?;
    stale.extend(own);
    let mut results: Vec<Result<Built>> = taken.into_iter().map(Ok).collect();
    if !stale.is_empty() {
        results.extend(build_own(session, stale, options, &timings)?);
    }
    if options.timings {
        let [page, trace] = timings.write(&session.root.join("target/xtask-timings"))?;
        session.ui.note(&format!("timings: {page} and {trace}"));
    }
    let mut built = Vec::new();
    let mut failed = Vec::new();
    for result in results {
        match result {
            Ok(unit) => {
                if let Err(error) = results::save(&session.root, &unit) {
                    session.ui.detail(&format!(
                        "`ci summary` will not know of {}: {}",
                        unit.unit,
                        told(&error)
                    ));
                }
                built.push(unit);
            }
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
                session.ui.error(&told(error));
            }
            Err(anyhow::anyhow!(
                "{count} units failed, {} were built in {}",
                built.len(),
                human(built_time(&built))
            ))
        }
    }
}

/// Builds or restores what no published package stands in for.
fn build_own(
    session: &Session,
    stale: Vec<Keyed>,
    options: &Options,
    timings: &Timings,
) -> Result<Vec<Result<Built>>> {
    // What only has to be restored needs neither a compiler nor a builder.
    let (mut ready, mut absent): (Vec<_>, Vec<_>) =
        stale.into_iter().partition(|keyed| !is_wanted_anew(keyed, options) && is_cached(session, keyed));
    let containers = containers(session, &mut absent, options)?;
    let (contained, absent): (Vec<_>, Vec<_>) = absent.into_iter().partition(unit::in_container);
    ready.extend(contained);
    let mut tools = Tools::default();
    if !absent.is_empty() {
        preflight::check_place(&absent, &session.work()?)?;
        let (installed, held) = install::install(session, absent)?;
        ready.extend(installed);
        tools = held;
    }
    workplace::collect(session)?;
    let run = Workplace::new(session, "run")?;
    let jobserver = if prepare::builders_share_jobs(session)? {
        Some(Jobserver::start(run.dir(), options.jobs)?)
    } else {
        None
    };
    let cache = SharedCache::new(session, options, run.dir())?;
    let shared = Shared {
        options,
        makeflags: jobserver.as_ref().map(Jobserver::makeflags),
        timings,
        dependencies: Mutex::new(()),
        containers: containers.as_ref(),
        tools: &tools,
        cache: Some(&cache),
    };
    // Without a shared jobserver each build takes all processors, so they take turns.
    let at_once = if jobserver.is_some() { options.jobs } else { 1 };
    Ok(cache.watched(|| side_by_side(&ready, at_once, |keyed| unit::build(session, keyed, &shared))))
}

/// Whether a package that is there is not enough.
fn is_wanted_anew(keyed: &Keyed, options: &Options) -> bool {
    options.force || (options.containers.pushes() && unit::in_container(keyed))
}

/// Does `work` on every item, `at_once` at a time: what a step does outside the jobserver, such as configuring, would
/// otherwise run for every unit at the same time. Results are in the order of the items.
pub(super) fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    at_once: usize,
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Vec<Result<R>> {
    let next = AtomicUsize::new(0);
    let worker = || -> Vec<(usize, Result<R>)> {
        std::iter::from_fn(|| {
            let at = next.fetch_add(1, Ordering::Relaxed);
            items.get(at).map(|item| (at, work(item)))
        })
        .collect()
    };
    let threads = at_once.clamp(1, items.len().max(1));
    let mut results: Vec<(usize, Result<R>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .flat_map(|worker| {
                worker.join().unwrap_or_else(|_| {
                    vec![(usize::MAX, Err(anyhow::anyhow!("a build thread panicked; this is a bug")))]
                })
            })
            .collect()
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

fn built_time(built: &[Built]) -> std::time::Duration {
    built.iter().map(|unit| unit.took).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn works_on_no_more_than_asked_for_and_keeps_the_order() {
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let items: Vec<usize> = (0..20).collect();
        let results = side_by_side(&items, 3, |item| {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::yield_now();
            running.fetch_sub(1, Ordering::SeqCst);
            anyhow::ensure!(item % 5 != 4, "no {item}");
            Ok(*item)
        });
        assert!(most.into_inner() <= 3);
        let told: Vec<String> = results
            .iter()
            .map(|r| r.as_ref().map_or_else(ToString::to_string, ToString::to_string))
            .collect();
        let wanted: Vec<String> =
            items.iter().map(|i| if i % 5 == 4 { format!("no {i}") } else { i.to_string() }).collect();
        assert_eq!(told, wanted);
    }
}
