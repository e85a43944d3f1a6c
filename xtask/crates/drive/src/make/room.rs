//! Where a unit is built.

use crate::session::Session;
use anyhow::{Context, Result};
use camino::Utf8PathBuf;

/// Where there is room to build: in the cache, else in the checkout. Refuses to begin what would fill the disk half way.
pub fn room(session: &Session, wanted_mib: u64) -> Result<Utf8PathBuf> {
    let mut full = Vec::new();
    for dir in [session.work()?, session.own_work()] {
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
