//! One unit: is it there already, is it cached, else build it.

mod native;

use super::measure::measure_again;
use super::summary::{Built, How, Pushed};
use super::timings::Timings;
use super::tools::Tools;
use super::{Keyed, Options, SharedCache, named, place};
use crate::container::ContainerRun;
use crate::session::Session;
use crate::workplace::process;
use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use std::borrow::Cow;
use std::sync::Mutex;
use std::time::Instant;
use store::{Meta, Reservation, Reserved, Turn};

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
    pub containers: Option<&'a ContainerRun>,
    /// What native builds use of the cache's own tools.
    pub tools: &'a Tools,
    /// The compiler cache that machines share; none where nothing is compiled.
    pub cache: Option<&'a SharedCache<'a>>,
}

/// Whether BuildKit builds it.
pub fn in_container(keyed: &Keyed) -> bool {
    keyed.plan.realm.container().is_some()
}

/// How often a unit is planned again because somebody edits its files while it is built.
const ATTEMPTS: usize = 3;

/// Builds one unit, or finds it. The key that is told is the key of what was built: files that change in between have the
/// unit measured again.
pub fn build(session: &Session, keyed: &Keyed, shared: &Shared<'_>) -> Result<Built> {
    let began = Instant::now();
    let _turn = turn(session, keyed)?;
    let mut current = Cow::Borrowed(keyed);
    let mut left = ATTEMPTS;
    loop {
        left -= 1;
        match Build::new(session, &current, shared, began, left == 0)?.attempt()? {
            Outcome::Built(built) => return Ok(*built),
            Outcome::Moved(what) => {
                let unit = &keyed.plan.unit;
                session.ui.note(&format!("{unit}: {what} changed since it was planned; planning it again"));
                current = Cow::Owned(measure_again(session, &current.plan)?);
            }
        }
    }
}

/// Has what `pull` unpacks, the finished package of this key, in the cache and in place; a process that has it there already
/// saves the way.
pub fn take(
    session: &Session,
    keyed: &Keyed,
    shared: &Shared<'_>,
    pull: impl FnOnce() -> Result<(Utf8PathBuf, Pushed)>,
) -> Result<Built> {
    let began = Instant::now();
    let _turn = turn(session, keyed)?;
    let mut build = Build::new(session, keyed, shared, began, true)?;
    match build.obtain()? {
        Obtained::Absent(reservation) => {
            let (package, image) = pull()?;
            build.keep(reservation, &package)?;
            build.image = Some(image);
            Ok(build.finished(How::Pulled))
        }
        Obtained::Restored | Obtained::Published => Ok(build.finished(How::Restored)),
    }
}

/// The turn to put a package in place in this checkout.
fn turn(session: &Session, keyed: &Keyed) -> Result<Turn> {
    let unit = &keyed.plan.unit;
    Ok(Turn::take(place::turn(session, &unit.slug()).as_std_path(), |pid| {
        let who = process(pid);
        session.ui.note(&format!("waiting for another build of {unit} in this checkout{who}"));
    })?)
}

/// What came of an attempt.
enum Outcome {
    /// It is there.
    Built(Box<Built>),
    /// Something, told for people, is no longer what the key names.
    Moved(String),
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

/// What came of making it.
enum Made {
    /// It was made.
    As(How),
    /// Something is no longer what the key names.
    Moved(String),
}

/// One unit's build in progress.
struct Build<'a> {
    session: &'a Session,
    keyed: &'a Keyed,
    shared: &'a Shared<'a>,
    began: Instant,
    /// Whatever moves now, it is built, and not kept.
    is_last: bool,
    target: Utf8PathBuf,
    warnings: usize,
    image: Option<Pushed>,
}

impl<'a> Build<'a> {
    fn new(
        session: &'a Session,
        keyed: &'a Keyed,
        shared: &'a Shared<'a>,
        began: Instant,
        is_last: bool,
    ) -> Result<Self> {
        let target = place::target(session, keyed)?;
        Ok(Self { session, keyed, shared, began, is_last, target, warnings: 0, image: None })
    }

    fn attempt(mut self) -> Result<Outcome> {
        let how = match self.obtain()? {
            Obtained::Published => How::Reused,
            Obtained::Restored => How::Restored,
            Obtained::Absent(reservation) => {
                let made = match self.shared.containers.filter(|_| in_container(self.keyed)) {
                    Some(containers) => self.in_container(containers, reservation)?,
                    None => self.make(reservation)?,
                };
                match made {
                    Made::As(how) => how,
                    Made::Moved(what) => return Ok(Outcome::Moved(what)),
                }
            }
        };
        Ok(Outcome::Built(Box::new(self.finished(how))))
    }

    fn finished(self, how: How) -> Built {
        Built {
            unit: self.keyed.plan.unit.clone(),
            key: self.keyed.key,
            package: self.target,
            how,
            took: self.began.elapsed(),
            warnings: self.warnings,
            image: self.image,
        }
    }

    fn warn(&mut self, text: &str) {
        self.session.ui.warn(text);
        self.warnings += 1;
    }

    /// Restores the package from the cache, or reserves the right to make it.
    fn obtain(&mut self) -> Result<Obtained> {
        let (session, store) = (self.session, self.session.store()?);
        let containers = self
            .shared
            .containers
            .filter(|containers| in_container(self.keyed) && containers.options.pushes());
        if let Some((containers, digest)) =
            containers.and_then(|containers| Some((containers, containers.image(self.keyed.key)?)))
        {
            let (pushed, warning) = containers.publish(self.keyed.key, &digest)?;
            if let Some(warning) = warning {
                self.warn(&warning);
            }
            self.image = Some(pushed);
            return Ok(Obtained::Published);
        }
        if self.shared.options.force {
            match store.evict(&self.keyed.key) {
                Err(error) if error.is_read_only() => return Ok(self.without_cache(&error)),
                other => other?,
            }
        }
        // A damaged entry is evicted when it is restored; the second turn finds it gone.
        for _ in 0..2 {
            let reserved = store.reserve(&self.keyed.key, |pid| {
                let (unit, who) = (&self.keyed.plan.unit, process(pid));
                session.ui.note(&format!("waiting for another build of {unit}{who}"));
            });
            match reserved {
                // A package is no image yet: its build pushes one, from layers that are likely there.
                Ok(Reserved::Hit(_)) if containers.is_some() => return Ok(Obtained::Absent(None)),
                // Another process may have put a dependency there while this one waited, and compile against it now.
                Ok(Reserved::Hit(entry)) if entry.is_restored_at(self.target.as_std_path()) => {
                    return Ok(Obtained::Restored);
                }
                Ok(Reserved::Hit(entry)) => match place::restore(&entry, self.keyed, &self.target) {
                    Ok(()) => {
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

    /// Takes the package from the registry, else builds it with BuildKit; then commits it and puts it in place.
    fn in_container(&mut self, containers: &ContainerRun, reservation: Option<Reservation>) -> Result<Made> {
        let (session, keyed, shared) = (self.session, self.keyed, self.shared);
        let logs = place::home(session, keyed).join("logs");
        let made = match containers.make(session, keyed, shared.timings, &logs, shared.cache)? {
            Ok(made) => made,
            Err(changed) if self.is_last => {
                bail!("{} keeps changing: nothing was built that a key could name", named(&changed))
            }
            Err(changed) => return Ok(Made::Moved(named(&changed))),
        };
        for warning in &made.warnings {
            self.warn(warning);
        }
        let unit = keyed.plan.unit.to_string();
        shared.timings.time(&unit, "store", || self.keep(reservation, &made.package()))?;
        self.image.clone_from(&made.image);
        Ok(Made::As(made.how))
    }

    /// Commits the package and restores it from there, or copies it where it cannot be committed.
    fn keep(&mut self, reservation: Option<Reservation>, staged: &Utf8Path) -> Result<()> {
        let Some(reservation) = reservation else { return place::replace(staged, self.keyed, &self.target) };
        let document = self.keyed.document().to_json()?;
        let meta = Meta { unit: self.keyed.plan.unit.slug(), built_in: self.began.elapsed() };
        match reservation.commit(staged.as_std_path(), document.as_bytes(), meta) {
            Ok(entry) => {
                place::restore(&entry, self.keyed, &self.target)?;
                self.remember();
                Ok(())
            }
            // A full or read-only cache must not cost the build that just succeeded.
            Err(error) => {
                halt::check()?;
                self.warn(&format!("the package was not cached: {error}"));
                place::replace(staged, self.keyed, &self.target)
            }
        }
    }

    /// Notes which key the unit was last built with, for `why`. Not worth failing a build for.
    fn remember(&mut self) {
        let unit = self.keyed.plan.unit.slug();
        let saved = self.session.store().and_then(|store| Ok(store.set_last(&unit, self.keyed.key)?));
        if let Err(error) = saved {
            self.warn(&format!("`why` will not know this build: {error}"));
        }
    }
}
