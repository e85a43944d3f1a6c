//! Where the output of a unit is, and how it comes there.

use super::{Keyed, copy, steps};
use crate::session::Session;
use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use store::{Entry, shared};

/// Where a unit's package and logs are in this checkout.
pub fn home(session: &Session, keyed: &Keyed) -> Utf8PathBuf {
    session.packages().join(keyed.plan.unit.slug())
}

/// What stands for the turn to build a unit in this checkout: its package and logs are in one place, whatever the key.
pub fn turn(session: &Session, slug: &str) -> Utf8PathBuf {
    session.packages().join(format!(".{slug}.lock"))
}

/// Where a unit's output is put in place: a package in this checkout, a dependency's prefix in the cache, where checkouts
/// share it and its path stays the same in every compiler command.
pub fn target(session: &Session, keyed: &Keyed) -> Result<Utf8PathBuf> {
    if keyed.plan.package.is_some() {
        return Ok(home(session, keyed).join("package"));
    }
    let name = format!("{}-{}", keyed.plan.unit.slug(), keyed.key.stem());
    Ok(session.scratch("deps")?.join(name))
}

/// Whether the package that lies there is the one that the key names.
pub fn is_fresh(session: &Session, keyed: &Keyed) -> Result<bool> {
    Ok(store::restored_key(target(session, keyed)?.as_std_path()) == Some(keyed.key))
}

/// Puts there what the store has. A package belongs to its checkout; what others are compiled against is shared.
pub fn restore(entry: &Entry, keyed: &Keyed, target: &Utf8Path) -> store::Result<()> {
    let target = target.as_std_path();
    let restored =
        if keyed.plan.package.is_some() { entry.restore(target) } else { entry.restore_sealed(target) };
    restored.map(drop)
}

/// Puts there what the store could not take.
pub fn replace(staged: &Utf8Path, keyed: &Keyed, target: &Utf8Path) -> Result<()> {
    if keyed.plan.package.is_some() {
        steps::remove(target)?;
        return copy::tree(staged, target);
    }
    shared::discard(target.as_std_path(), || ())?;
    copy::tree(staged, target)?;
    shared::seal(target.as_std_path(), *keyed.key.digest())?;
    Ok(())
}
