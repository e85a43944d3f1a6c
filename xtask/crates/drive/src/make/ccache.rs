//! What the compiler cache did for a unit, and when that is suspicious.

use super::Keyed;
use crate::session::{Session, utf8};
use anyhow::Result;
use camino::Utf8Path;
use exec::ccache::{Cache, Hits};
use plan::why::changes;

/// Fewer compilations than this say nothing.
const ENOUGH: u32 = 5;

/// The sum over the unit's build directories.
pub fn hits(builds: &Utf8Path) -> Result<Hits> {
    let mut all = Hits::default();
    for dir in fs_err::read_dir(builds)? {
        all = all.plus(exec::ccache::read(&utf8(dir?.path())?.join("ccache-stats.log"))?);
    }
    Ok(all)
}

/// A warning when nothing hit although the last build, with this very cache, had the same compiler, sources and steps.
pub fn suspicion(session: &Session, keyed: &Keyed, hits: Hits, caches: &Utf8Path) -> Option<String> {
    if hits.of != Cache::Ccache || hits.total() < ENOUGH || hits.percent() != Some(0) {
        return None;
    }
    let store = session.store().ok()?;
    let last = store.last(&keyed.plan.unit.slug()).ok()??;
    let before = String::from_utf8(store.lookup(&last.key).ok()??.key_document().ok()?).ok()?;
    let changes = changes(&before, &keyed.document().to_json().ok()?).ok()?;
    let reached = |group: &str| ["facts", "pins", "steps", "flavors", "deps", "cpu"].contains(&group);
    if changes.iter().any(|change| reached(&change.group)) {
        return None;
    }
    let dir = caches.join("ccache");
    Some(format!(
        "none of {} compilations hit the compiler cache, although compiler, sources and flags are those of the last \
         build: most likely {dir} was emptied or is too small; `CCACHE_DIR={dir} ccache -s` shows its size",
        hits.total()
    ))
}
