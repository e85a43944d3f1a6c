//! The units that another one is compiled against: there before its first step, built once for all that want them.

use super::unit::{self, Shared};
use super::{Keyed, Options, place};
use crate::session::Session;
use anyhow::{Context, Result};
use camino::Utf8Path;
use model::name::Label;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use store::shared::{self, Found, Lease};

/// The install prefixes that `keyed` is compiled against, held; else the one that has come to be another than its key
/// names.
pub fn prefixes(
    session: &Session,
    keyed: &Keyed,
    shared: &Shared<'_>,
) -> Result<Result<BTreeMap<Label, Lease>, Label>> {
    // Whoever asks to have a backend built anew does not mean what it stands on.
    let options = Options { force: false, ..shared.options.clone() };
    let below = Shared {
        options: &options,
        makeflags: shared.makeflags.clone(),
        timings: shared.timings,
        dependencies: Mutex::new(()),
        containers: None,
        tools: shared.tools,
        cache: shared.cache,
    };
    // One unit at a time sees to what several want.
    let _turn = shared.dependencies.lock().unwrap_or_else(PoisonError::into_inner);
    let mut prefixes = BTreeMap::new();
    for (label, dependency) in &keyed.deps {
        let prefix = place::target(session, dependency)?;
        if let Some(lease) = sound(session, &prefix)? {
            prefixes.insert(label.clone(), lease);
            continue;
        }
        let built = unit::build(session, dependency, &below)?;
        built.report(&session.ui);
        if built.key != dependency.key {
            return Ok(Err(label.clone()));
        }
        let lease = sound(session, &prefix)?;
        let lease =
            lease.with_context(|| format!("{prefix} was removed as soon as it was there; run it again"))?;
        prefixes.insert(label.clone(), lease);
    }
    Ok(Ok(prefixes))
}

/// The prefix, if it is there; one that was changed is removed.
fn sound(session: &Session, prefix: &Utf8Path) -> Result<Option<Lease>> {
    Ok(match shared::lease(prefix.as_std_path())? {
        Found::Sound(lease) => Some(lease),
        Found::Unsealed => None,
        Found::Changed(file) => {
            session
                .ui
                .warn(&format!("{} was changed since it was built: it is put there again", file.display()));
            let wait = || session.ui.note(&format!("waiting for the builds that use {prefix}"));
            shared::discard(prefix.as_std_path(), wait)?;
            None
        }
    })
}
