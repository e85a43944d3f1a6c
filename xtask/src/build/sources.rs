//! Sources with this run's reporting.

use crate::session::Session;
use anyhow::Result;
use camino::Utf8PathBuf;
use fetch::{Event, Fetcher};
use plan::source::Pin;

/// Calls `work` with a fetcher that reports to the session's terminal.
pub fn with_fetcher<T>(session: &Session, work: impl FnOnce(&Fetcher<'_>) -> Result<T>) -> Result<T> {
    let ui = &session.ui;
    let reporter = |event: &Event<'_>| match event {
        Event::Waiting { pin } => ui.note(&format!("waiting for another process that fetches {pin}")),
        Event::Trying { pin, mirror } => ui.note(&format!("fetching {pin} from {mirror}")),
        Event::Failed { pin, mirror, reason } => {
            ui.warn(&format!("{pin}: {mirror}: {reason}; trying the next mirror"));
        }
        Event::Done { pin, mirror, files, bytes } => {
            ui.note(&format!("{pin}: {files} files, {} MiB from {mirror}", bytes >> 20));
        }
        Event::Progress { .. } => {}
    };
    work(&Fetcher::new(session.scratch("sources")?, session.root.clone(), session.offline, &reporter))
}

/// The tree of a pin, fetched if need be.
pub fn ensure(session: &Session, pin: &Pin) -> Result<Utf8PathBuf> {
    with_fetcher(session, |fetcher| Ok(fetcher.ensure(pin)?.path))
}
