//! The last line: what was made, where, how long it took and what the caches did.

use camino::Utf8PathBuf;
use exec::ccache::{Cache, Hits};
use model::key::Key;
use model::oci::{ImageDigest, Repository};
use model::unit::UnitId;
use std::time::Duration;
use ui::{Ui, human};

/// How a package came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// It was there already.
    Fresh,
    /// From the local cache.
    Restored,
    /// Built.
    Built {
        /// What the compiler cache did.
        hits: Hits,
        /// What the layer cache did, in the container realm.
        layers: Option<Layers>,
    },
    /// From the registry, which has the image of this very key.
    Pulled,
    /// As an image in the registry; nothing was done here.
    Reused,
    /// Nothing was done: a dry run.
    Planned,
}

impl How {
    /// In words.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Fresh => "nothing to do for",
            Self::Restored => "restored",
            Self::Built { .. } => "built",
            Self::Pulled => "pulled",
            Self::Reused => "nothing to build for",
            Self::Planned => "would build",
        }
    }
}

/// What the layer cache did for a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Layers {
    /// Commands that were run.
    pub ran: usize,
    /// Commands whose layers were there.
    pub cached: usize,
}

/// An image that a unit came to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Pushed {
    /// Its digest, the same everywhere.
    pub digest: ImageDigest,
    /// Where it is.
    pub repositories: Vec<Repository>,
}

/// One finished unit.
#[derive(Debug, Clone)]
pub struct Built {
    /// Which unit.
    pub unit: UnitId,
    /// Its key.
    pub key: Key,
    /// Its package.
    pub package: Utf8PathBuf,
    /// How it came about.
    pub how: How,
    /// Whole time.
    pub took: Duration,
    /// Warnings given on the way, such as a cache that could not be written.
    pub warnings: usize,
    /// Its image, where it was pushed or found.
    pub image: Option<Pushed>,
}

impl Built {
    /// Says it.
    pub fn report(&self, ui: &Ui) {
        let verb = self.how.verb();
        let place = match (&self.how, &self.image) {
            (How::Reused, Some(image)) => image.to_string(),
            (_, Some(image)) => format!("{} and {image}", self.package),
            (_, None) => self.package.to_string(),
        };
        let line = format!(
            "{verb} {} → {place} · key {} · {}{}{}{}",
            self.unit,
            self.key.short(),
            human(self.took),
            self.layers(),
            self.compiler_cache(),
            if self.warnings > 0 { format!(" · {} warning(s) above", self.warnings) } else { String::new() }
        );
        let (ccache, layers) = match &self.how {
            How::Built { hits, layers } => (Some(hits), layers.as_ref()),
            _ => (None, None),
        };
        ui.event(&serde_json::json!({
            "event": "unit", "unit": self.unit, "key": self.key, "package": self.package, "result": verb,
            "seconds": self.took.as_secs_f64(), "ccache": ccache, "layers": layers, "image": self.image,
        }));
        ui.done(&line);
    }

    fn layers(&self) -> String {
        let How::Built { layers: Some(Layers { ran, cached }), .. } = &self.how else { return String::new() };
        format!(" · layers {cached} of {} cached", ran + cached)
    }

    fn compiler_cache(&self) -> String {
        let How::Built { hits, .. } = &self.how else { return String::new() };
        hits.percent().map_or_else(String::new, |percent| {
            let (total, direct, preprocessed, miss) =
                (hits.total(), hits.direct, hits.preprocessed, hits.miss);
            let sources = sources(*hits);
            match hits.of {
                Cache::Ccache => format!(
                    " · ccache {percent} % of {total} ({direct} direct, {preprocessed} preprocessed, {miss} compiled{sources})"
                ),
                Cache::Sccache => format!(" · sccache {percent} % of {total} ({miss} compiled{sources})"),
            }
        })
    }
}

/// Where hits came from, if not all of them from this machine.
fn sources(hits: Hits) -> String {
    if hits.remote + hits.seed == 0 {
        return String::new();
    }
    let from = [(hits.local(), "local"), (hits.remote, "remote"), (hits.seed, "registry seed")];
    let from: Vec<String> =
        from.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect();
    format!("; hits: {}", from.join(", "))
}

impl std::fmt::Display for Pushed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<String> = self.repositories.iter().map(ToString::to_string).collect();
        write!(f, "{} in {}", self.digest, names.join(", "))
    }
}
