//! Every published unit with its key, however many there are.

use super::measure::{Keyed, Meter};
use crate::session::Session;
use anyhow::{Context, Result};
use model::image_names::{TagSuffix, groups};
use model::key::Key;
use model::platform::Arch;
use model::unit::UnitId;
use plan::published;
use rayon::prelude::*;

/// A published unit.
#[derive(Debug, serde::Serialize)]
pub struct Published {
    /// Which.
    #[serde(flatten)]
    pub unit: UnitId,
    /// The end of its tags.
    pub tag_suffix: TagSuffix,
    /// What tells it from the other platforms of its image; empty where there are none.
    pub platform_tag: String,
    /// Its key; none where only another machine can know it.
    pub key: Option<Key>,
    /// Its key without the bucket of time, if it is known here and its requirements float.
    #[serde(skip)]
    pub steady: Option<Key>,
}

/// Plans and keys every published unit, in the order of [`published::units`].
pub fn census(session: &Session) -> Result<Vec<Published>> {
    let meter = Meter::new(session)?;
    let units: Vec<UnitId> = published::units(&session.manifests).collect();
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
            published::plan(&session.manifests, &session.host, unit)
                .with_context(|| format!("{unit} is published by its manifest and cannot be planned"))
        })
        .collect();
    let plans = plans?;
    let Some(first) = plans.first() else { return Ok(Vec::new()) };
    let inputs = meter.inputs(first)?;
    let known =
        session.manifests.backends.get(&first.unit.backend).context("a unit of no backend: a defect")?;
    let groups = groups(known, &session.manifests.variants)?;
    plans
        .into_par_iter()
        .map(|plan| {
            let unit = plan.unit.clone();
            let known = published::is_keyed_on(&session.host, &plan);
            let keyed = if known { Some(meter.key(plan, &inputs)?) } else { None };
            let steady = keyed.as_ref().and_then(Keyed::steady);
            let key = keyed.map(|keyed| keyed.key);
            let group = groups.iter().find(|group| group.units().any(|other| *other == unit));
            let group = group.with_context(|| format!("{unit} is published as no image: a defect"))?;
            let platform_tag = group.platform_tag(unit.platform).arch().map_or("", Arch::as_str).to_owned();
            Ok(Published { tag_suffix: group.suffix.clone(), platform_tag, unit, key, steady })
        })
        .collect()
}
