//! One unit: is it there already, is it cached, else build it.

use super::summary::{Built, How};
use super::timings::Timings;
use super::{Keyed, Options, packaging, steps};
use crate::session::{Session, utf8};
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use exec::ccache::Hits;
use exec::places::Places;
use std::time::Instant;
use store::{Key, Meta, Reserved};

/// Free space below which a build is not begun, in bytes: the largest build directory seen, with room to spare.
const ROOM: u64 = 4 << 30;

/// What units of one run share.
#[derive(Debug)]
pub struct Shared<'a> {
    /// How to build.
    pub options: &'a Options,
    /// `MAKEFLAGS` of the jobserver.
    pub makeflags: Option<String>,
    /// Spans of all units.
    pub timings: &'a Timings,
}

/// Where a unit's package and logs are in this checkout.
pub fn home(session: &Session, keyed: &Keyed) -> Utf8PathBuf {
    session.packages().join(keyed.plan.unit.slug())
}

/// Whether the package that lies there is the one that the key names.
pub fn is_fresh(session: &Session, keyed: &Keyed) -> Result<bool> {
    let key: Key = keyed.key.as_str().parse()?;
    Ok(store::restored_key(home(session, keyed).join("package").as_std_path()) == Some(key))
}

/// Builds one unit, or finds it.
pub fn build(session: &Session, keyed: &Keyed, shared: &Shared<'_>) -> Result<Built> {
    let began = Instant::now();
    let home = home(session, keyed);
    let package = home.join("package");
    let key: Key = keyed.key.as_str().parse()?;
    let finish = |how, warnings| Built {
        unit: keyed.plan.unit.clone(),
        key: keyed.key.clone(),
        package: package.clone(),
        how,
        took: began.elapsed(),
        warnings,
    };
    let store = session.store()?;
    let mut warnings = 0;
    if shared.options.no_cache {
        store.evict(&key)?;
    }
    let reserved = store.reserve(&key, |pid| {
        let who = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
        session.ui.note(&format!("waiting for another build of {}{who}", keyed.plan.unit));
    })?;
    let reservation = match reserved {
        Reserved::Hit(entry) => match entry.restore(package.as_std_path()) {
            Ok(_) => {
                remember(session, keyed, &key, &mut warnings);
                return Ok(finish(How::Restored, warnings));
            }
            Err(error @ store::Error::Corrupt { .. }) => {
                session.ui.warn(&format!("{error}; building it again"));
                warnings += 1;
                match store.reserve(&key, |_| ())? {
                    Reserved::Vacant(reservation) => reservation,
                    Reserved::Hit(entry) => {
                        entry.restore(package.as_std_path())?;
                        return Ok(finish(How::Restored, warnings));
                    }
                }
            }
            Err(error) => return Err(error.into()),
        },
        Reserved::Vacant(reservation) => reservation,
    };
    if let Some(error) = reservation.evicted() {
        session.ui.warn(&format!("{error}; building it again"));
        warnings += 1;
    }

    let work = session.scratch("work")?.join(&keyed.key.as_str()[..16]);
    room(&work)?;
    let places = Places {
        out: work.join("out"),
        work: work.clone(),
        caches: utf8(store.scratch("caches")?)?,
        jobs: shared.options.jobs,
        ..Places::default()
    };
    let logs = home.join("logs");
    let makeflags = shared.makeflags.clone();
    let mut bench =
        steps::Bench::new(session, keyed, places, logs, makeflags, shared.options.strict, shared.timings)?;
    bench.run()?;
    let hits = hits(session, &bench.places, &mut warnings);
    let staged = work.join("package");
    let unit = keyed.plan.unit.to_string();
    shared.timings.time(&unit, "pack", || packaging::pack(session, keyed, &bench.places, &staged))?;
    let undeclared = !bench.undeclared.is_empty();
    shared.timings.time(&unit, "store", || -> Result<()> {
        let document = keyed.document.to_json()?;
        let meta = Meta { unit: keyed.plan.unit.slug(), built_in: began.elapsed() };
        let committed = if undeclared {
            None
        } else {
            match reservation.commit(staged.as_std_path(), document.as_bytes(), meta) {
                Ok(entry) => Some(entry),
                // A full or read-only cache must not cost the build that just succeeded.
                Err(error) => {
                    session.ui.warn(&format!("the package was not cached: {error}"));
                    warnings += 1;
                    None
                }
            }
        };
        match committed {
            Some(entry) => {
                entry.restore(package.as_std_path())?;
                remember(session, keyed, &key, &mut warnings);
            }
            None => replace(&staged, &package)?,
        }
        Ok(())
    })?;
    steps::remove(&work)?;
    Ok(finish(How::Built { hits }, warnings))
}

/// Puts a package in place that the store could not take.
pub fn replace(staged: &Utf8Path, package: &Utf8Path) -> Result<()> {
    steps::remove(package)?;
    if let Some(dir) = package.parent() {
        fs_err::create_dir_all(dir)?;
    }
    for entry in walkdir::WalkDir::new(staged) {
        let entry = entry.with_context(|| format!("cannot list {staged}"))?;
        let from = Utf8Path::from_path(entry.path()).context("a packed file's name is not valid UTF-8")?;
        let to = package.join(from.strip_prefix(staged)?);
        if entry.file_type().is_dir() {
            fs_err::create_dir_all(&to)?;
        } else {
            super::copy::file(from, &to)?;
        }
    }
    Ok(())
}

/// Notes which key the unit was last built with, for `why`. Not worth failing a build for.
fn remember(session: &Session, keyed: &Keyed, key: &Key, warnings: &mut usize) {
    let saved = session.store().and_then(|store| Ok(store.set_last(&keyed.plan.unit.slug(), *key)?));
    if let Err(error) = saved {
        session.ui.warn(&format!("`why` will not know this build: {error}"));
        *warnings += 1;
    }
}

fn room(work: &Utf8Path) -> Result<()> {
    let free =
        exec::disk::free_bytes(work).with_context(|| format!("cannot ask for the free space at {work}"))?;
    anyhow::ensure!(
        free >= ROOM,
        "{} MiB are free at {work}, and a build may need {} MiB: run `cargo xtask cache gc --budget 5G`, or set \
         XTASK_CACHE_DIR to a larger disk",
        free >> 20,
        ROOM >> 20
    );
    Ok(())
}

fn hits(session: &Session, places: &Places, warnings: &mut usize) -> Hits {
    let Ok(dirs) = fs_err::read_dir(&places.work) else { return Hits::default() };
    let mut all = Hits::default();
    for dir in dirs.flatten() {
        let Ok(dir) = utf8(dir.path()) else { continue };
        match exec::ccache::read(&dir.join("ccache-stats.log")) {
            Ok(hits) => all = all.plus(hits),
            Err(error) => {
                session.ui.warn(&format!("the compiler cache's statistics cannot be read: {error}"));
                *warnings += 1;
            }
        }
    }
    all
}
