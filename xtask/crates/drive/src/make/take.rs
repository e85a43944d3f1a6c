//! Published packages in place of builds: the registry is asked for them once, under their very keys, before anything is
//! built here.

use super::many::side_by_side;
use super::summary::{Built, Pushed};
use super::timings::Timings;
use super::tools::Tools;
use super::unit::{self, Shared};
use super::{Keyed, Options, measure, place};
use crate::container::Remote;
use crate::error::told;
use crate::registries;
use crate::session::Session;
use crate::workplace::Workplace;
use anyhow::Result;
use model::image_names::CacheTag;
use model::oci::ImageDigest;
use oci::{Backoff, Client, Settings};
use plan::Plan;
use plan::presence::{Answers, Presence};
use std::sync::Mutex;
use std::time::Duration;

/// How long a registry may take for one answer. Somebody waits, and a build is what there was before.
const SOON: Duration = Duration::from_secs(1);
/// Packages that are pulled at a time.
const AT_ONCE: usize = 4;

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// How it would be built.
    pub plan: Plan,
    /// How it is published, where that is as good.
    pub published: Option<Plan>,
}

impl From<Plan> for Wanted {
    fn from(plan: Plan) -> Self {
        Self { plan, published: None }
    }
}

/// A unit that is not there, and the published package that serves as well.
pub struct Offer {
    /// What would be built.
    pub own: Keyed,
    /// What somebody may have built.
    pub published: Keyed,
}

/// Units that do not lie there as they would be built.
#[derive(Default)]
pub struct Stale {
    /// Their published packages lie there.
    pub fresh: Vec<Keyed>,
    /// The cache has them, or no published package serves as well.
    pub own: Vec<Keyed>,
    /// The registry may have them.
    pub offers: Vec<Offer>,
}

impl Stale {
    /// Looks for published packages in the checkout and in the cache. A build of one's own that the cache has goes before.
    pub fn look(session: &Session, units: Vec<(Keyed, Option<Plan>)>) -> Result<Self> {
        let mut stale = Self::default();
        let (open, own): (Vec<_>, Vec<_>) = units.into_iter().partition(|(_, published)| published.is_some());
        stale.own.extend(own.into_iter().map(|(keyed, _)| keyed));
        let (own, plans): (Vec<_>, Vec<_>) =
            open.into_iter().filter_map(|(own, published)| Some((own, published?))).unzip();
        if own.is_empty() {
            return Ok(stale);
        }
        for (own, published) in own.into_iter().zip(measure(session, plans)?) {
            if place::is_fresh(session, &published)? {
                stale.fresh.push(published);
            // A Mac that lacks something does not know the key.
            } else if is_cached(session, &own) || !published.missing.is_empty() {
                stale.own.push(own);
            } else if is_cached(session, &published) {
                stale.own.push(published);
            } else {
                stale.offers.push(Offer { own, published });
            }
        }
        Ok(stale)
    }
}

/// Whether the cache has the package of this very key.
pub fn is_cached(session: &Session, keyed: &Keyed) -> bool {
    let entry = || session.store().ok()?.lookup(&keyed.key).ok()?;
    keyed.missing.is_empty() && entry().is_some()
}

/// What the registry said of the offers of a run.
pub struct Taker<'a> {
    session: &'a Session,
    options: &'a Options,
    answers: Answers,
}

impl<'a> Taker<'a> {
    /// Asks once about all of them. Who does not answer soon is told once, and costs builds.
    pub fn ask(session: &'a Session, offers: &[Offer], options: &'a Options) -> Result<Self> {
        let cache = &options.containers.cache;
        let quick = Settings {
            connect: SOON,
            stall: SOON,
            small: SOON,
            batch: SOON,
            backoff: Backoff::ONCE,
            ..Settings::from_env()
        };
        let tags = offers.iter().map(|offer| CacheTag::Image(offer.published.key).tag());
        let answers = registries::ask(session, &Client::new(quick), cache, tags)?;
        if let (Some(why), false) = (&answers.silence, session.offline) {
            session.ui.warn(&format!("{why}; building what {cache} may have"));
        }
        Ok(Self { session, options, answers })
    }

    /// The image of an offer, if the registry has it; else why it is built.
    fn image(&self, offer: &Offer) -> Result<ImageDigest, String> {
        let (key, cache) = (offer.published.key, &self.options.containers.cache);
        match self.answers.of_key(key) {
            Presence::Present(image) => Ok(image),
            Presence::Absent => Err(format!("{cache} has no package of key {}", key.short())),
            Presence::Refused(why) => Err(format!("that of {cache} is not used: {why}")),
            Presence::Unknown(why) => Err(format!("whether {cache} has it is unknown: {why}")),
        }
    }

    /// Says what would be taken. What would be built instead.
    pub fn describe(&self, offers: Vec<Offer>) -> (Vec<Keyed>, Vec<Keyed>) {
        let (mut taken, mut built) = (Vec::new(), Vec::new());
        for offer in offers {
            let unit = &offer.own.plan.unit;
            match self.image(&offer) {
                Ok(image) => {
                    let cache = &self.options.containers.cache;
                    self.session.ui.note(&format!("{unit} would be pulled: {cache} has {image}"));
                    taken.push(offer.published);
                }
                Err(why) => {
                    self.session.ui.note(&format!("{unit}: {why}"));
                    built.push(offer.own);
                }
            }
        }
        (taken, built)
    }

    /// Takes what the registry has. What is left to build.
    pub fn take(&self, offers: Vec<Offer>, timings: &Timings) -> Result<(Vec<Built>, Vec<Keyed>)> {
        let remote = Remote::new(self.options.containers.clone());
        let shared = &Shared {
            options: self.options,
            makeflags: None,
            timings,
            dependencies: Mutex::new(()),
            containers: None,
            tools: &Tools::default(),
            cache: None,
        };
        let results = side_by_side(&offers, AT_ONCE, |offer| match self.image(offer) {
            Ok(image) => self.pull(&remote, &offer.published, image, shared),
            Err(why) => {
                self.session.ui.detail(&format!("{}: {why}", offer.own.plan.unit));
                Ok(None)
            }
        });
        let (mut taken, mut left) = (Vec::new(), Vec::new());
        for (offer, result) in offers.into_iter().zip(results) {
            match result? {
                Some(built) => taken.push(built),
                None => left.push(offer.own),
            }
        }
        Ok((taken, left))
    }

    /// What cannot be had after all is told, and built.
    fn pull(
        &self,
        remote: &Remote,
        keyed: &Keyed,
        image: ImageDigest,
        shared: &Shared<'_>,
    ) -> Result<Option<Built>> {
        let (session, unit) = (self.session, &keyed.plan.unit);
        let place = Workplace::new(session, &format!("taken-{}", keyed.key.stem()))?;
        let progress = session.ui.progress(&format!("{} · pull package", unit.backend));
        let taken = unit::take(session, keyed, shared, || {
            let pull = || remote.pull(keyed, &image, place.dir());
            let package = shared.timings.time(&unit.to_string(), "pull", pull)?;
            Ok((package, Pushed { digest: image, repositories: vec![self.options.containers.cache.clone()] }))
        });
        progress.finish(&session.ui);
        match taken {
            Ok(built) => Ok(Some(built)),
            Err(error) => {
                halt::check()?;
                let why = told(&error);
                session
                    .ui
                    .warn(&format!("the published package is not used: {why}; building {unit} instead"));
                Ok(None)
            }
        }
    }
}
