//! Sources with this run's reporting.

use crate::session::Session;
use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use fetch::{Event, Fetcher, Tree, override_variable};
use model::name::PinName;
use model::source::Pin;
use std::collections::BTreeMap;

/// Calls `work` with a fetcher that reports to the session's terminal and takes patches from below `patches`.
pub fn with_fetcher<T>(
    session: &Session,
    patches: &Utf8Path,
    work: impl FnOnce(&Fetcher<'_>) -> Result<T>,
) -> Result<T> {
    let ui = &session.ui;
    let reporter = |event: &Event<'_>| match event {
        Event::Waiting { pin } => ui.note(&format!("waiting for another process that fetches {pin}")),
        Event::Changed { pin, file } => {
            ui.warn(&format!("{} was changed since {pin} was verified: fetching it again", file.display()));
        }
        Event::InUse { pin } => ui.note(&format!("waiting for the builds that use {pin}")),
        Event::Trying { pin, mirror } => ui.note(&format!("fetching {pin} from {mirror}")),
        Event::Failed { pin, mirror, reason } => {
            ui.warn(&format!("{pin}: {mirror}: {reason}; trying the next mirror"));
        }
        Event::Done { pin, mirror, files, bytes } => {
            ui.note(&format!("{pin}: {files} files, {} MiB from {mirror}", bytes >> 20));
        }
        Event::Progress { .. } => {}
    };
    let mut fetcher =
        Fetcher::new(session.scratch("sources")?, session.root.clone(), session.offline, &reporter);
    fetcher.patches = patches.to_owned();
    fetcher.overrides = overrides(session.manifests.pins.keys(), |name| std::env::var(name).ok())?;
    work(&fetcher)
}

/// Local copies that `XTASK_SOURCE_<NAME>` points at. A relative path starts at the current directory.
fn overrides<'a>(
    pins: impl Iterator<Item = &'a PinName>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<PinName, Utf8PathBuf>> {
    let mut overrides = BTreeMap::new();
    for pin in pins {
        if let Some(path) = variable(&override_variable(pin)).filter(|path| !path.is_empty()) {
            overrides.insert(pin.clone(), camino::absolute_utf8(path)?);
        }
    }
    Ok(overrides)
}

/// The tree of a pin, fetched if need be, with patches from below `patches`.
pub fn ensure(session: &Session, pin: &Pin, patches: &Utf8Path) -> Result<Tree> {
    with_fetcher(session, patches, |fetcher| Ok(fetcher.ensure(pin)?))
}

/// Where the trees are, or will be, of all pins that the manifests name.
pub fn trees(session: &Session) -> Result<Vec<Utf8PathBuf>> {
    with_fetcher(session, &session.root, |fetcher| {
        session.manifests.pins.values().map(|pin| Ok(fetcher.path(pin)?)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_point_at_local_copies() {
        let pins: [PinName; 3] = ["llama.cpp", "grpc", "re2"].map(|name| name.parse().unwrap());
        let found = overrides(pins.iter(), |name| match name {
            "XTASK_SOURCE_LLAMA_CPP" => Some("/src/llama".to_owned()),
            "XTASK_SOURCE_GRPC" => Some("clones/grpc".to_owned()),
            "XTASK_SOURCE_RE2" => Some(String::new()),
            other => panic!("asked for {other}"),
        })
        .unwrap();
        let here = Utf8PathBuf::from_path_buf(std::env::current_dir().unwrap()).unwrap();
        let expected =
            [(pins[0].clone(), "/src/llama".into()), (pins[1].clone(), here.join("clones/grpc"))].into();
        assert_eq!(found, expected);
    }
}
