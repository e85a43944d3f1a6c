//! Finds the packages of units: what this machine has, else what the registry has under their keys.

use crate::make::{self, Keyed};
use crate::registries;
use crate::session::Session;
use anyhow::{Result, bail};
use model::image_names::{CacheTag, TagSuffix};
use model::key::Key;
use model::oci::{ImageDigest, Repository};
use model::unit::UnitId;
use oci::Client;
use plan::presence::Presence;
use plan::published::published;
use plan::recipe;
use plan::request::{RealmChoice, Request};
use std::collections::BTreeMap;
use store::Entry;

/// The package of a unit.
#[derive(Debug)]
pub struct Found {
    /// Which unit.
    pub unit: UnitId,
    /// The end of its tags.
    pub suffix: TagSuffix,
    /// Its key.
    pub key: Key,
    /// Where it is.
    pub(super) at: At,
}

/// Where a package is.
#[derive(Debug)]
pub(super) enum At {
    Cache(Entry),
    Registry(ImageDigest),
}

impl Found {
    /// Where it is, for people.
    pub fn place(&self) -> String {
        match &self.at {
            At::Cache(_) => "the local cache".to_owned(),
            At::Registry(digest) => digest.to_string(),
        }
    }
}

/// Finds all of them; what is missing is told at once.
pub fn find(
    session: &Session,
    units: &[UnitId],
    client: &Client,
    repository: &Repository,
) -> Result<Vec<Found>> {
    let (store, own) = (session.store()?, own(session, units)?);
    let (mut found, mut absent) = (Vec::new(), Vec::new());
    for published in make::keys(session, units)? {
        let own = own.get(&published.unit).into_iter().flatten().map(|keyed| keyed.key);
        let mut entry = None;
        for key in published.key.into_iter().chain(own) {
            if entry.is_none() {
                entry = store.lookup(&key)?;
            }
        }
        match entry {
            Some(entry) => found.push(Found {
                key: *entry.key(),
                unit: published.unit,
                suffix: published.tag_suffix,
                at: At::Cache(entry),
            }),
            None => absent.push(published),
        }
    }
    let tags = absent.iter().filter_map(|unit| Some(CacheTag::Image(unit.key?).tag()));
    let answers = registries::ask(session, client, repository, tags)?;
    let mut missing = Vec::new();
    for make::Published { unit, tag_suffix, key, .. } in absent {
        let why = match key.map(|key| (key, answers.of_key(key))) {
            Some((key, Presence::Present(digest))) => {
                found.push(Found { unit, suffix: tag_suffix, key, at: At::Registry(digest) });
                continue;
            }
            Some((key, Presence::Absent)) => format!("{repository} has no package of key {}", key.short()),
            Some((_, Presence::Refused(why))) => format!("that of {repository} is not used: {why}"),
            Some((_, Presence::Unknown(why))) => format!("whether {repository} has it is unknown: {why}"),
            None => "its key is known on such a machine alone".to_owned(),
        };
        missing.push(format!("  {unit}: {why}"));
    }
    if !missing.is_empty() {
        bail!(
            "not built here, and not published:\n{}\nbuild what is missing with `cargo xtask build-backend NAME --published`, \
             or leave it out",
            missing.join("\n")
        );
    }
    found.sort_by(|a, b| (&a.suffix, a.unit.platform).cmp(&(&b.suffix, b.unit.platform)));
    Ok(found)
}

/// What this machine would build of units for itself and others: a package for one processor alone goes nowhere.
fn own(session: &Session, units: &[UnitId]) -> Result<BTreeMap<UnitId, Vec<Keyed>>> {
    let here = units.iter().filter(|unit| unit.platform == session.host.platform);
    let plans = here.flat_map(|unit| {
        [true, false].map(|publish| {
            let request = Request { publish, realm: RealmChoice::Native, ..published(unit) };
            recipe::plan(&session.manifests, &session.host, &request)
        })
    });
    let plans = plans.flatten().filter(|plan| plan.cpu.is_none()).collect();
    let mut own: BTreeMap<UnitId, Vec<Keyed>> = BTreeMap::new();
    for keyed in make::measure(session, plans)? {
        own.entry(keyed.plan.unit.clone()).or_default().push(keyed);
    }
    Ok(own)
}
