//! The units that another one is compiled against: there before its first step, built once for all that want them.

use super::unit::{self, Shared};
use super::{Keyed, Options};
use crate::session::Session;
use anyhow::Result;
use camino::Utf8PathBuf;
use model::name::Label;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The install prefixes that `keyed` is compiled against; else the one that has come to be another than its key names.
pub fn prefixes(
    session: &Session,
    keyed: &Keyed,
    shared: &Shared<'_>,
) -> Result<Result<BTreeMap<Label, Utf8PathBuf>, Label>> {
    // Whoever asks to have a backend built anew does not mean what it stands on.
    let options = Options { force: false, ..shared.options.clone() };
    let below = Shared {
        options: &options,
        makeflags: shared.makeflags.clone(),
        timings: shared.timings,
        dependencies: Mutex::new(()),
        engine: None,
    };
    // A prefix must not be put in place again while another unit reads it: one looks at a time.
    let _turn = shared.dependencies.lock().unwrap_or_else(PoisonError::into_inner);
    let mut prefixes = BTreeMap::new();
    for (label, dependency) in &keyed.deps {
        if !unit::is_fresh(session, dependency)? {
            let built = unit::build(session, dependency, &below)?;
            built.report(&session.ui);
            if built.key != dependency.key {
                return Ok(Err(label.clone()));
            }
        }
        prefixes.insert(label.clone(), unit::target(session, dependency)?);
    }
    Ok(Ok(prefixes))
}
