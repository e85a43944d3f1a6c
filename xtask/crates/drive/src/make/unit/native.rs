//! The build of a unit on this machine, and whether its key names all that went into it.

use super::{Build, Made};
use crate::make::measure;
use crate::make::room::room;
use crate::make::summary::How;
use crate::make::{Snapshot, account, ccache, dependencies, named, packaging, place, steps};
use crate::session::utf8;
use crate::workplace::Workplace;
use anyhow::{Result, bail};
use exec::ccache::Hits;
use exec::places::Places;
use model::manifest::BACKEND;
use model::name::Label;
use pack::Manifest;
use store::Reservation;
use store::shared::Lease;

impl Build<'_> {
    /// Runs the steps, packs, commits, and puts the package in place.
    pub(super) fn make(&mut self, mut reservation: Option<Reservation>) -> Result<Made> {
        let (session, keyed, shared) = (self.session, self.keyed, self.shared);
        let room = room(session, keyed.plan.disk_mib)?;
        let work = Workplace::claim(session, &room, &keyed.key.stem())?;
        let (snapshot, changed) = Snapshot::take(session, keyed, &work.dir().join("checkout"))?;
        if !changed.is_empty() {
            if !self.is_last {
                return Ok(Made::Moved(named(&changed)));
            }
            self.warn(&format!("{} keeps changing: built as it was copied, and not cached", named(&changed)));
            reservation = None;
        }
        let deps = match dependencies::prefixes(session, keyed, shared)? {
            Ok(deps) => deps,
            Err(label) if self.is_last => bail!("what {label} is made of keeps changing: nothing was built"),
            Err(label) => return Ok(Made::Moved(format!("what {label} is made of"))),
        };
        let prefix = |(label, lease): (&Label, &Lease)| Ok((label.clone(), utf8(lease.tree().to_owned())?));
        let places = Places {
            out: work.dir().join("out"),
            work: work.dir().to_owned(),
            caches: session.scratch("caches")?,
            jobs: shared.options.jobs,
            deps: deps.iter().map(prefix).collect::<Result<_>>()?,
            ..Places::default()
        };
        let logs = place::home(session, keyed).join("logs");
        let makeflags = shared.makeflags.clone();
        let strict = shared.options.strict;
        let with = steps::With { makeflags, strict, timings: shared.timings, cache: shared.cache };
        let mut bench = steps::NativeRun::new(session, &snapshot, places, logs, with)?;
        bench.run()?;
        let hits = self.hits(&bench);
        let unit = keyed.plan.unit.to_string();
        let (staged, packed) = match &keyed.plan.package {
            Some(rules) => {
                let staged = work.dir().join("package");
                let pack =
                    || packaging::pack(session, keyed, rules, &bench.places, &snapshot.inputs(), &staged);
                let packed = shared.timings.time(&unit, "pack", pack)?;
                (staged, Some(packed))
            }
            None => (bench.places.out.clone(), None),
        };
        let used = bench.sources.iter().chain(deps.values()).chain(shared.tools.leases());
        let is_as_named = self.is_unspoilt(used)?
            && bench.undeclared.is_empty()
            && self.is_accounted(&bench.places, packed.as_ref())?;
        // What stands in for another machine's programs does not make what that machine would.
        let keep = reservation.filter(|_| is_as_named && session.captured().is_none());
        shared.timings.time(&unit, "store", || self.keep(keep, &staged))?;
        Ok(Made::As(How::Built { hits, layers: None }))
    }

    /// Whether the shared trees still are what they were when the build began to read them.
    fn is_unspoilt<'l>(&mut self, used: impl Iterator<Item = &'l Lease>) -> Result<bool> {
        for lease in used {
            if let Some(file) = lease.spoilt()? {
                let file = file.display();
                self.warn(&format!("{file} was changed while this was built: the result is not cached"));
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether the key names all that went into the output; what it does not is told, and fails a strict build.
    fn is_accounted(&mut self, places: &Places, packed: Option<&Manifest>) -> Result<bool> {
        let (session, keyed) = (self.session, self.keyed);
        if !measure::has_its_facts(session, keyed)? {
            self.warn("a tool or a package was installed while this was built: the result is not cached");
            return Ok(false);
        }
        let unaccounted = account::unaccounted(session, keyed, places, packed)?;
        let home = place::home(session, keyed);
        if unaccounted.is_empty() {
            account::tell(&home, None)?;
            return Ok(true);
        }
        let backend = session.manifests.backends.get(&keyed.plan.unit.backend);
        let manifest = backend.map(|backend| backend.dir.join(BACKEND)).unwrap_or_default();
        let advice = unaccounted.advice(&manifest);
        account::tell(&home, Some(&account::Told { manifest, advice: advice.clone() }))?;
        anyhow::ensure!(!self.shared.options.strict, "{advice}");
        self.warn(&format!("{advice}\nthe result is not cached"));
        Ok(false)
    }

    fn hits(&mut self, bench: &steps::NativeRun<'_>) -> Hits {
        let hits = match &bench.sccache {
            Some(server) => server.hits().map_err(anyhow::Error::from),
            None => ccache::hits(&bench.places.builds()),
        };
        match hits {
            Ok(hits) => {
                if let Some(text) = ccache::suspicion(self.session, self.keyed, hits, &bench.places.caches) {
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
