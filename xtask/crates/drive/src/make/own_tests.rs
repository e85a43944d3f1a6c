//! A backend's own tests, run where its steps have run.

use super::room::room;
use super::{Keyed, Snapshot, Timings, measure, named, place, steps};
use crate::session::Session;
use crate::workplace::Workplace;
use anyhow::{Context, Result, ensure};
use exec::places::Places;
use plan::Plan;
use std::collections::BTreeMap;

/// Builds a unit once more and tests it there, on this machine; how many tests there were. Nothing is kept of it.
pub fn test(session: &Session, plan: &Plan, jobs: usize) -> Result<usize> {
    if plan.tests.is_empty() {
        return Ok(0);
    }
    let unit = &plan.unit;
    ensure!(
        plan.realm.container().is_none(),
        "the tests of {unit} run on a machine that can build it, and this one cannot: {}",
        plan.reason
    );
    let steps = plan.steps.iter().chain(&plan.tests).cloned().collect();
    let keyed = measure(session, vec![Plan { steps, ..plan.clone() }])?;
    let keyed: &Keyed = keyed.first().context("one plan gives one key: a defect")?;
    let work = Workplace::claim(session, &room(session, plan.disk_mib)?, &keyed.key.stem())?;
    let (snapshot, changed) = Snapshot::take(session, keyed, &work.dir().join("checkout"))?;
    ensure!(changed.is_empty(), "{} changed since it was read: run it again", named(&changed));
    let places = Places {
        out: work.dir().join("out"),
        work: work.dir().to_owned(),
        caches: session.scratch("caches")?,
        jobs,
        deps: BTreeMap::new(),
        ..Places::default()
    };
    let (logs, timings) = (place::home(session, keyed).join("tests"), Timings::start());
    let with = steps::With { makeflags: None, strict: false, timings: &timings, cache: None };
    steps::NativeRun::new(session, &snapshot, places, logs, with)?.run()?;
    Ok(plan.tests.len())
}
