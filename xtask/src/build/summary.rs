//! The last line: what was made, where, how long it took and what the caches did.

use crate::ui::{Ui, human};
use camino::Utf8PathBuf;
use exec::ccache::Hits;
use plan::key::Key;
use plan::unit::UnitId;
use std::time::Duration;

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
    },
    /// Nothing was done: a dry run.
    Planned,
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
}

impl Built {
    /// Says it.
    pub fn report(&self, ui: &Ui) {
        let verb = match &self.how {
            How::Fresh => "nothing to do for",
            How::Restored => "restored",
            How::Built { .. } => "built",
            How::Planned => "would build",
        };
        let line = format!(
            "{verb} {} → {} · key {} · {}{}{}",
            self.unit,
            self.package,
            self.key.short(),
            human(self.took),
            self.compiler_cache(),
            if self.warnings > 0 { format!(" · {} warning(s) above", self.warnings) } else { String::new() }
        );
        ui.event(&serde_json::json!({
            "event": "unit", "unit": self.unit, "key": self.key, "package": self.package, "result": verb,
            "seconds": self.took.as_secs_f64(),
            "ccache": if let How::Built { hits } = &self.how { Some(hits) } else { None },
        }));
        ui.done(&line);
    }

    fn compiler_cache(&self) -> String {
        let How::Built { hits } = &self.how else { return String::new() };
        hits.percent().map_or_else(String::new, |percent| {
            let (direct, preprocessed, miss) = (hits.direct, hits.preprocessed, hits.miss);
            format!(
                " · ccache {percent} % of {} ({direct} direct, {preprocessed} preprocessed, {miss} compiled)",
                hits.total()
            )
        })
    }
}
