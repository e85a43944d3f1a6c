//! One unit: is it there already, is it cached, else build it.

use super::summary::{Built, How, Pushed};
use super::timings::Timings;
use super::{Keyed, Options, ccache, dependencies, packaging, steps};
use crate::container::Engine;
use crate::session::Session;
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use exec::ccache::Hits;
use exec::places::Places;
use std::sync::Mutex;
use std::time::Instant;
use store::{Key, Meta, Reservation, Reserved};

/// What units of one run share.
#[derive(Debug)]
pub struct Shared<'a> {
    /// How to build.
    pub options: &'a Options,
    /// `MAKEFLAGS` of the jobserver.
    pub makeflags: Option<String>,
    /// Spans of all units.
    pub timings: &'a Timings,
    /// Held by the one unit that sees to its dependencies.
    pub dependencies: Mutex<()>,
    /// What builds in the container realm; none where no unit needs it.
    pub engine: Option<&'a Engine>,
}

/// Where a unit's package and logs are in this checkout.
pub fn home(session: &Session, keyed: &Keyed) -> Utf8PathBuf {
    session.packages().join(keyed.plan.unit.slug())
}

/// Where a unit's output is put in place: a package in this checkout, a dependency's prefix in the cache, where checkouts
/// share it and its path stays the same in every compiler command.
pub fn target(session: &Session, keyed: &Keyed) -> Result<Utf8PathBuf> {
    if keyed.plan.package.is_some() {
        return Ok(home(session, keyed).join("package"));
    }
    let key = &keyed.key.as_str()[..16];
    Ok(session.scratch("deps")?.join(format!("{}-{key}", keyed.plan.unit.slug())))
}

/// Whether BuildKit builds it.
pub fn in_container(keyed: &Keyed) -> bool {
    keyed.plan.realm.container().is_some()
}

/// Whether the package that lies there is the one that the key names.
pub fn is_fresh(session: &Session, keyed: &Keyed) -> Result<bool> {
    let key: Key = keyed.key.as_str().parse()?;
    Ok(store::restored_key(target(session, keyed)?.as_std_path()) == Some(key))
}

/// Builds one unit, or finds it.
pub fn build(session: &Session, keyed: &Keyed, shared: &Shared<'_>) -> Result<Built> {
    let mut build = Build {
        session,
        keyed,
        shared,
        began: Instant::now(),
        target: target(session, keyed)?,
        key: keyed.key.as_str().parse()?,
        warnings: 0,
        image: None,
    };
    let how = match build.obtain()? {
        Obtained::Published => How::Reused,
        Obtained::Restored => How::Restored,
        Obtained::Absent(reservation) => match shared.engine.filter(|_| in_container(keyed)) {
            Some(engine) => build.in_container(engine, reservation)?,
            None => How::Built { hits: build.make(reservation)?, layers: None },
        },
    };
    Ok(Built {
        unit: keyed.plan.unit.clone(),
        key: keyed.key.clone(),
        package: build.target,
        how,
        took: build.began.elapsed(),
        warnings: build.warnings,
        image: build.image,
    })
}

/// The answer of the cache.
enum Obtained {
    /// Its image is where it was to be pushed.
    Published,
    /// The package is in place.
    Restored,
    /// It must be made; without a reservation the cache cannot be written.
    Absent(Option<Reservation>),
}

/// One unit's build in progress.
struct Build<'a> {
    session: &'a Session,
    keyed: &'a Keyed,
    shared: &'a Shared<'a>,
    began: Instant,
    target: Utf8PathBuf,
    key: Key,
    warnings: usize,
    image: Option<Pushed>,
}

impl Build<'_> {
    fn warn(&mut self, text: &str) {
        self.session.ui.warn(text);
        self.warnings += 1;
    }

    /// Restores the package from the cache, or reserves the right to make it.
    fn obtain(&mut self) -> Result<Obtained> {
        let (session, store) = (self.session, self.session.store()?);
        let engine =
            self.shared.engine.filter(|engine| in_container(self.keyed) && engine.options().pushes());
        if let Some((engine, digest)) =
            engine.and_then(|engine| Some((engine, engine.image(&self.keyed.key)?)))
        {
            self.image = Some(engine.publish(digest)?);
            return Ok(Obtained::Published);
        }
        if self.shared.options.force {
            match store.evict(&self.key) {
                Err(error) if error.is_read_only() => return Ok(self.without_cache(&error)),
                other => other?,
            }
        }
        // A damaged entry is evicted when it is restored; the second turn finds it gone.
        for _ in 0..2 {
            let reserved = store.reserve(&self.key, |pid| {
                let who = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
                session.ui.note(&format!("waiting for another build of {}{who}", self.keyed.plan.unit));
            });
            match reserved {
                // A package is no image yet: its build pushes one, from layers that are likely there.
                Ok(Reserved::Hit(_)) if engine.is_some() => return Ok(Obtained::Absent(None)),
                // Another process may have put a dependency there while this one waited, and compile against it now.
                Ok(Reserved::Hit(entry)) if entry.is_restored_at(self.target.as_std_path()) => {
                    return Ok(Obtained::Restored);
                }
                Ok(Reserved::Hit(entry)) => match entry.restore(self.target.as_std_path()) {
                    Ok(_) => {
                        self.remember();
                        return Ok(Obtained::Restored);
                    }
                    Err(error @ store::Error::Corrupt { .. }) => {
                        self.warn(&format!("{error}; building it again"));
                    }
                    Err(error) => return Err(error.into()),
                },
                Ok(Reserved::Vacant(reservation)) => {
                    if let Some(error) = reservation.evicted() {
                        self.warn(&format!("{error}; building it again"));
                    }
                    return Ok(Obtained::Absent(Some(reservation)));
                }
                Err(error) if error.is_read_only() => return Ok(self.without_cache(&error)),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Obtained::Absent(None))
    }

    fn without_cache(&mut self, error: &store::Error) -> Obtained {
        self.warn(&format!("{error}; building without saving"));
        Obtained::Absent(None)
    }

    /// Runs the steps, packs, commits, and puts the package in place.
    fn make(&mut self, reservation: Option<Reservation>) -> Result<Hits> {
        let (session, keyed, shared) = (self.session, self.keyed, self.shared);
        let work = Work(room(session, keyed.plan.disk_mib)?.join(&keyed.key.as_str()[..16]));
        let places = Places {
            out: work.0.join("out"),
            work: work.0.clone(),
            caches: session.scratch("caches")?,
            jobs: shared.options.jobs,
            deps: dependencies::prefixes(session, keyed, shared)?,
            ..Places::default()
        };
        let logs = home(session, keyed).join("logs");
        let makeflags = shared.makeflags.clone();
        let mut bench = steps::Bench::new(
            session,
            keyed,
            places,
            logs,
            makeflags,
            shared.options.strict,
            shared.timings,
        )?;
        bench.run()?;
        let hits = self.hits(&bench.places);
        let unit = keyed.plan.unit.to_string();
        let staged = match &keyed.plan.package {
            Some(rules) => {
                let staged = work.0.join("package");
                let pack = || packaging::pack(session, keyed, rules, &bench.places, &staged);
                shared.timings.time(&unit, "pack", pack)?;
                staged
            }
            None => bench.places.out.clone(),
        };
        let keep = reservation.filter(|_| bench.undeclared.is_empty());
        shared.timings.time(&unit, "store", || self.keep(keep, &staged))?;
        Ok(hits)
    }

    /// Takes the package from the registry, else builds it with BuildKit; then commits it and puts it in place.
    fn in_container(&mut self, engine: &Engine, reservation: Option<Reservation>) -> Result<How> {
        let (session, keyed, shared) = (self.session, self.keyed, self.shared);
        let logs = home(session, keyed).join("logs");
        let made = engine.make(session, keyed, shared.timings, &logs)?;
        for warning in &made.warnings {
            self.warn(warning);
        }
        let unit = keyed.plan.unit.to_string();
        shared.timings.time(&unit, "store", || self.keep(reservation, &made.package()))?;
        self.image.clone_from(&made.image);
        Ok(made.how)
    }

    /// Commits the package and restores it from there, or copies it where it cannot be committed.
    fn keep(&mut self, reservation: Option<Reservation>, staged: &Utf8Path) -> Result<()> {
        let Some(reservation) = reservation else { return replace(staged, &self.target) };
        let document = self.keyed.document().to_json()?;
        let meta = Meta { unit: self.keyed.plan.unit.slug(), built_in: self.began.elapsed() };
        match reservation.commit(staged.as_std_path(), document.as_bytes(), meta) {
            Ok(entry) => {
                entry.restore(self.target.as_std_path())?;
                self.remember();
                Ok(())
            }
            // A full or read-only cache must not cost the build that just succeeded.
            Err(error) => {
                self.warn(&format!("the package was not cached: {error}"));
                replace(staged, &self.target)
            }
        }
    }

    /// Notes which key the unit was last built with, for `why`. Not worth failing a build for.
    fn remember(&mut self) {
        let unit = self.keyed.plan.unit.slug();
        let saved = self.session.store().and_then(|store| Ok(store.set_last(&unit, self.key)?));
        if let Err(error) = saved {
            self.warn(&format!("`why` will not know this build: {error}"));
        }
    }

    fn hits(&mut self, places: &Places) -> Hits {
        match ccache::hits(&places.work) {
            Ok(hits) => {
                if let Some(text) = ccache::suspicion(self.session, self.keyed, hits, &places.caches) {
                    self.warn(&text);
                }
                hits
            }
            Err(error) => {
                self.warn(&format!("the compiler cache's statistics cannot be read: {error}"));
                Hits::default()
            }
        }
    }
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

/// Where there is room to build: in the cache, else in the checkout. Refuses to begin what would fill the disk half way.
fn room(session: &Session, wanted_mib: u64) -> Result<Utf8PathBuf> {
    let mut full = Vec::new();
    for dir in [session.scratch("work")?, session.own_scratch("work")?] {
        let free = exec::disk::free_bytes(&dir)
            .with_context(|| format!("cannot ask for the free space at {dir}"))?
            >> 20;
        if free >= wanted_mib {
            if let Some(full) = full.first() {
                session.ui.note(&format!("{full}: building in {dir}"));
            }
            return Ok(dir);
        }
        full.push(format!("{free} MiB are free at {dir}"));
    }
    anyhow::bail!(
        "{}, and this build may need {wanted_mib} MiB: run `cargo xtask cache gc --budget 5G`, or set XTASK_CACHE_DIR \
         to a larger disk",
        full.join(" and ")
    )
}

/// A build directory that goes with the build, however it ends. Logs and the compiler cache lie elsewhere.
struct Work(Utf8PathBuf);

impl Drop for Work {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next build of the key, or by `clean`.
        let _ = steps::remove(&self.0);
    }
}
