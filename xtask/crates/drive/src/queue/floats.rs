//! Units that would be built for the time alone: would their requirements come to anything else?

use super::lock::{self, Kept};
use crate::error::told;
use crate::session::Session;
use anyhow::Result;
use ci::queue::{Action, BuildReason, Candidate, Float, Queue};
use exec::uv::Uv;
use model::key::Key;
use model::oci::{Pointer, Repository};
use model::unit::UnitId;
use oci::Client;
use plan::floating::Resolution;
use plan::published;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Whether a unit would be built only because nobody looked closer.
fn is_open(action: &Action) -> bool {
    let Action::Build { why } = action else { return false };
    matches!(why, BuildReason::Absent(_) | BuildReason::Missing(_) | BuildReason::Leg(_))
}

/// What is known of floating requirements, of all units that the first decision would build.
pub fn floats(
    session: &Session,
    client: &Client,
    cache: &Repository,
    candidates: &[Candidate],
    first: &Queue,
) -> BTreeMap<UnitId, Float> {
    let open: BTreeSet<&UnitId> =
        first.units.iter().filter(|decided| is_open(&decided.action)).map(|decided| &decided.unit).collect();
    let open = candidates.iter().filter(|candidate| open.contains(&candidate.unit));
    let open: Vec<(&UnitId, Key)> =
        open.filter_map(|candidate| Some((&candidate.unit, candidate.steady?))).collect();
    if open.is_empty() {
        return BTreeMap::new();
    }
    let unknown = |(unit, _): &(&UnitId, Key), why: &str| ((*unit).clone(), Float::Unknown(why.to_owned()));
    let keys: Vec<Key> = open.iter().map(|(_, steady)| *steady).collect();
    let kept = match lock::kept(session, client, cache, &keys).and_then(|kept| present(client, cache, kept)) {
        Ok(kept) => kept,
        Err(error) => {
            let why = format!("the registry cannot be asked: {}", told(&error));
            return open.iter().map(|open| unknown(open, &why)).collect();
        }
    };
    // A unit without a lock of before is new or changed: that it floats is not why it is built.
    let (open, kept): (Vec<_>, Vec<Kept>) =
        open.into_iter().zip(kept).filter_map(|(open, kept)| Some((open, kept?))).unzip();
    let now = match resolve(session, &open) {
        Ok(now) => now,
        Err(error) => {
            let why = told(&error);
            return open.iter().map(|open| unknown(open, &why)).collect();
        }
    };
    open.into_par_iter()
        .zip(kept)
        .zip(now)
        .map(|(((unit, _), kept), now)| {
            let compared =
                now.and_then(|now| kept.difference(client, cache, &now).map_err(|error| told(&error)));
            let float = match compared {
                Ok(None) => Float::Same(kept.image),
                Ok(Some(what)) => Float::Changed(what),
                Err(why) => Float::Unknown(why),
            };
            (unit.clone(), float)
        })
        .collect()
}

/// Those whose image is still there.
fn present(client: &Client, cache: &Repository, kept: Vec<Option<Kept>>) -> Result<Vec<Option<Kept>>> {
    let images: BTreeSet<_> = kept.iter().flatten().map(|kept| kept.image.clone()).collect();
    let pointers: Vec<Pointer> = images.iter().cloned().map(Pointer::Digest).collect();
    let found = client.manifests(cache, &pointers)?;
    let there: BTreeSet<_> =
        images.into_iter().zip(found).filter_map(|(image, found)| found.map(|_| image)).collect();
    Ok(kept.into_iter().map(|kept| kept.filter(|kept| there.contains(&kept.image))).collect())
}

/// The lock of each unit as it would be now, or why there is none. What is asked the same way is asked once.
fn resolve(session: &Session, open: &[(&UnitId, Key)]) -> Result<Vec<Result<String, String>>> {
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let uv = Uv::new(session.programs()?, session.sealed()?, &session.scratch("caches")?.join("uv"))?;
    let asked: Vec<Option<Resolution>> =
        open.iter().map(|(unit, _)| resolution(session, unit)).collect::<Result<_>>()?;
    let distinct: BTreeSet<&Resolution> = asked.iter().flatten().collect();
    let progress = session.ui.progress(&format!("resolve floating requirements ({})", distinct.len()));
    let locks: BTreeMap<&Resolution, Result<String, String>> = distinct
        .into_par_iter()
        .map(|asked| (asked, uv.resolve(&asked.asked(), &session.root).map_err(|error| error.to_string())))
        .collect();
    progress.finish(&session.ui);
    let lock = |asked: &Option<Resolution>| {
        let known = asked.as_ref().and_then(|asked| locks.get(asked)).cloned();
        known.unwrap_or_else(|| Err("nobody knows how its requirements are resolved".to_owned()))
    };
    Ok(asked.iter().map(lock).collect())
}

/// How a unit's requirements are resolved, in the container that it is built in.
fn resolution(session: &Session, unit: &UnitId) -> Result<Option<Resolution>> {
    let plan = published::plan(&session.manifests, &session.host, unit)?;
    let backend = session.manifests.backends.get(&unit.backend);
    Ok(backend.zip(plan.realm.container()).and_then(|(backend, container)| {
        Resolution::of(backend, &unit.variant, container.base.distro, unit.platform, plan.refresh.as_deref())
    }))
}
