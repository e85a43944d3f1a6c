//! Every published unit with its key, however many there are.

use super::measure::Meter;
use crate::session::Session;
use anyhow::{Context, Result};
use plan::key::Key;
use plan::unit::UnitId;
use plan::units;
use rayon::prelude::*;

/// A published unit.
#[derive(Debug, serde::Serialize)]
pub struct Published {
    /// Which.
    #[serde(flatten)]
    pub unit: UnitId,
    /// Its key; none where only another machine can know it.
    pub key: Option<Key>,
}

/// Plans and keys every published unit, in the order of [`units::units`].
pub fn census(session: &Session) -> Result<Vec<Published>> {
    let meter = Meter::new(session)?;
    let units: Vec<UnitId> = units::units(session.catalog()).collect();
    let found: Result<Vec<Vec<Published>>> = units
        .par_chunk_by(|a, b| a.backend == b.backend)
        .map(|units| backend(session, &meter, units))
        .collect();
    meter.save();
    Ok(found?.into_iter().flatten().collect())
}

/// The keys of some published units.
pub fn keys(session: &Session, units: &[UnitId]) -> Result<Vec<Published>> {
    let meter = Meter::new(session)?;
    let found: Result<Vec<Vec<Published>>> =
        units.chunk_by(|a, b| a.backend == b.backend).map(|units| backend(session, &meter, units)).collect();
    meter.save();
    Ok(found?.into_iter().flatten().collect())
}

/// The units of one backend, whose inputs are hashed once.
fn backend(session: &Session, meter: &Meter<'_>, units: &[UnitId]) -> Result<Vec<Published>> {
    let plans: Result<Vec<_>> = units
        .par_iter()
        .map(|unit| {
            units::plan(session.catalog(), &session.host, unit)
                .with_context(|| format!("{unit} is published by its manifest and cannot be planned"))
        })
        .collect();
    let plans = plans?;
    let Some(first) = plans.first() else { return Ok(Vec::new()) };
    let inputs = meter.inputs(first)?;
    plans
        .into_par_iter()
        .map(|plan| {
            let unit = plan.unit.clone();
            let known = units::is_keyed_on(&session.host, &plan);
            let key = if known { Some(meter.key(plan, &inputs)?.key) } else { None };
            Ok(Published { unit, key })
        })
        .collect()
}
