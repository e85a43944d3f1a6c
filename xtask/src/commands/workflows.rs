//! `workflows`: writes what crate `workflows` generates, or compares it.

use crate::cli::Workflows as Args;
use crate::exit::Done;
use anyhow::Result;
use drive::error::Coded;
use drive::registries;
use drive::session::Session;
use model::manifest::Manifests;
use std::collections::BTreeMap;
use workflows::compare::{Drift, Kind, compare};
use workflows::facts::Facts;
use workflows::files::{DIRECTORIES, files};

/// Writes the files, or compares them.
pub fn run(session: &Session, args: &Args) -> Result<Done> {
    let wanted = files(&facts(&session.manifests)?);
    let drifts = compare(&wanted, &found(session)?);
    if args.check {
        for drift in &drifts {
            session.ui.error(&format!("{drift}"));
        }
        return Ok(if drifts.is_empty() {
            session.ui.done(&format!("{} workflows and actions are current", wanted.len()));
            Done::Well
        } else {
            session.ui.note("`cargo xtask workflows` writes them");
            Done::Differs
        });
    }
    for drift in &drifts {
        mend(session, drift, &wanted)?;
    }
    session.ui.done(&match drifts.len() {
        0 => format!("{} workflows and actions are current", wanted.len()),
        changed => format!("{changed} of {} workflows and actions changed", wanted.len()),
    });
    Ok(Done::Well)
}

fn mend(session: &Session, drift: &Drift, wanted: &BTreeMap<String, String>) -> Result<()> {
    let path = session.root.join(&drift.path);
    match (&drift.kind, wanted.get(&drift.path)) {
        (Kind::Stray, _) => {
            fs_err::remove_file(&path)?;
            session.ui.note(&format!("removed {}, which nothing generates", drift.path));
        }
        (_, Some(text)) => {
            if let Some(dir) = path.parent() {
                fs_err::create_dir_all(dir)?;
            }
            fs_err::write(&path, text)?;
            session.ui.note(&format!("wrote {}", drift.path));
        }
        (_, None) => {}
    }
    Ok(())
}

/// What lies in the directories of generated files. What is no text differs from any.
fn found(session: &Session) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for dir in DIRECTORIES {
        let dir = session.root.join(dir);
        if !dir.exists() {
            continue;
        }
        for entry in walkdir::WalkDir::new(&dir) {
            let entry = entry?;
            if entry.file_type().is_dir() {
                continue;
            }
            let path = entry.path().strip_prefix(&session.root)?.to_string_lossy().into_owned();
            let text = fs_err::read(entry.path())?;
            found.insert(path, String::from_utf8_lossy(&text).into_owned());
        }
    }
    Ok(found)
}

/// What the manifests say about the workflows.
pub fn facts(manifests: &Manifests) -> Result<Facts> {
    let registry = &manifests.registry;
    let matrix = ci::matrix::matrix(manifests, &registries::repository(&registry.cache)?)
        .map_err(|error| Coded::Usage(error.to_string()))?;
    let published = [&registry.cache].into_iter().chain(&registry.backends).chain(&registry.root);
    let hosts: Result<_> =
        published.map(|text| Ok(registries::repository(text)?.host().to_owned())).collect();
    let blocks = matrix.blocks();
    let identities = registry.trust.as_ref().is_some_and(|trust| !trust.identities.is_empty());
    Ok(Facts { linux: blocks.linux(), macos: blocks.macos(), registries: hosts?, identities })
}
