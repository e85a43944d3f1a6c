//! `clean`: packages and build directories of this checkout. The shared cache is `cache gc`'s business.

use crate::cli::Clean;
use crate::exit::Done;
use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use drive::make;
use drive::session::{Session, utf8};
use store::Turn;

/// Removes what builds of this checkout left, and what killed ones left in the cache. What is at work is left alone.
pub fn run(session: &Session, args: &Clean) -> Result<Done> {
    let mut cleaning = Cleaning { session, dry_run: args.dry_run, gone: 0 };
    cleaning.packages()?;
    cleaning.remove(&session.root.join("target/xtask-timings"))?;
    cleaning.work(&session.work()?)?;
    cleaning.work(&session.own_work())?;
    if is_empty(&session.own_work())? || args.dry_run {
        cleaning.remove(&session.own())?;
    } else {
        cleaning.leave(&session.own());
    }
    let (verb, gone) = (cleaning.verb(), cleaning.gone);
    session.ui.done(&format!("{verb} {gone} directories; the cache is kept, see `cargo xtask cache gc`"));
    Ok(Done::Well)
}

struct Cleaning<'a> {
    session: &'a Session,
    dry_run: bool,
    gone: usize,
}

impl Cleaning<'_> {
    /// A unit's package and logs go together, unless a build is at them.
    fn packages(&mut self) -> Result<()> {
        let all = self.session.packages();
        for unit in list(&all)?.iter().filter(|unit| unit.is_dir()) {
            let slug = unit.file_name().unwrap_or_default();
            match Turn::attempt(make::turn(self.session, slug).as_std_path())? {
                Some(_turn) => self.remove(unit)?,
                None => self.leave(unit),
            }
        }
        if !self.dry_run && is_empty(&all)? {
            make::remove(&all)?;
        }
        Ok(())
    }

    /// What killed builds have left.
    fn work(&mut self, dir: &Utf8Path) -> Result<()> {
        for left in store::abandoned(dir.as_std_path())? {
            self.told(&utf8(left)?);
        }
        if !self.dry_run {
            store::collect_abandoned(dir.as_std_path())?;
        }
        Ok(())
    }

    fn remove(&mut self, dir: &Utf8Path) -> Result<()> {
        if dir.exists() {
            if !self.dry_run {
                make::remove(dir)?;
            }
            self.told(dir);
        }
        Ok(())
    }

    fn told(&mut self, dir: &Utf8Path) {
        self.session.ui.note(&format!("{} {dir}", self.verb()));
        self.gone += 1;
    }

    fn leave(&self, dir: &Utf8Path) {
        self.session.ui.note(&format!("{dir} stays: a build is at work there"));
    }

    fn verb(&self) -> &'static str {
        if self.dry_run { "would remove" } else { "removed" }
    }
}

fn is_empty(dir: &Utf8Path) -> Result<bool> {
    Ok(list(dir)?.is_empty())
}

/// What is in a directory; nothing if there is none.
fn list(dir: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    match fs_err::read_dir(dir) {
        Ok(items) => items.map(|item| utf8(item?.path())).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}
