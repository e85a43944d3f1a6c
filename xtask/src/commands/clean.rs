//! `clean`: packages and build directories of this checkout. The shared cache is `cache gc`'s business.

use crate::cli::Clean;
use crate::exit::Done;
use crate::session::Session;
use anyhow::Result;

/// Removes what builds of this checkout left.
pub fn run(session: &Session, args: &Clean) -> Result<Done> {
    let target = session.root.join("target");
    let dirs = [
        session.packages(),
        target.join("xtask-timings"),
        target.join("xtask-scratch"),
        session.scratch("work")?,
    ];
    let mut gone = 0;
    for dir in dirs.iter().filter(|dir| dir.exists()) {
        if args.dry_run {
            session.ui.note(&format!("would remove {dir}"));
        } else {
            fs_err::remove_dir_all(dir)?;
            session.ui.note(&format!("removed {dir}"));
        }
        gone += 1;
    }
    let verb = if args.dry_run { "would remove" } else { "removed" };
    session.ui.done(&format!("{verb} {gone} directories; the cache is kept, see `cargo xtask cache gc`"));
    Ok(Done::Well)
}
