//! The contract of all backends at two revisions, where keys may hold something else of it.

use super::globs::Specs;
use super::text::text;
use crate::session::Session;
use anyhow::Result;
use checkout::{Git, GitError};
use ci::affected::{ContractAt, ContractEdit, Edits, Globs, Kind, Matcher, Tree, is_of_contract};
use model::manifest::Manifests;
use plan::proto::{BASELINE, CONTRACT, Contract};
use std::collections::BTreeMap;

/// Both, if one of its files was edited; none where the contract is new, gone, or no text, and counts as it is.
pub fn contract(
    session: &Session,
    git: Git<'_>,
    tree: &Tree,
    edits: &Edits,
    manifests: &Manifests,
) -> Result<Option<ContractEdit>> {
    if !edits.keys().any(|path| is_of_contract(path)) {
        return Ok(None);
    }
    let at = |path: &str, head: bool| -> Result<Option<String>, GitError> {
        let content = match edits.get(path) {
            Some(edit) if head => edit.after.as_ref(),
            Some(edit) => edit.before.as_ref(),
            None => tree.get(path),
        };
        content.map_or(Ok(None), |content| text(session, git, path, content))
    };
    let side = |head| -> Result<Option<ContractAt>, GitError> {
        let Some(text) = at(CONTRACT, head)? else { return Ok(None) };
        Ok(Some(ContractAt { text, baseline: at(BASELINE, head)? }))
    };
    let (Some(before), Some(after)) = (side(false)?, side(true)?) else { return Ok(None) };
    let adds = [&before, &after].into_iter().any(|at| {
        let baseline = at.baseline.as_ref().unwrap_or(&before.text);
        Contract::of(baseline, &at.text).is_some_and(|contract| contract.adds())
    });
    let sources = if adds { sources(git, tree, edits, manifests)? } else { BTreeMap::new() };
    Ok(Some(ContractEdit { before, after, sources }))
}

/// The inputs of backends that were not edited, as text.
fn sources(
    git: Git<'_>,
    tree: &Tree,
    edits: &Edits,
    manifests: &Manifests,
) -> Result<BTreeMap<String, String>> {
    let matchers: Vec<Box<dyn Matcher>> = manifests
        .backends
        .values()
        .map(|backend| Specs.matcher(&backend.inputs).map_err(anyhow::Error::msg))
        .collect::<Result<_>>()?;
    let taken = tree.iter().filter(|(path, content)| {
        matches!(content.kind, Kind::File { .. })
            && !is_of_contract(path)
            && !edits.contains_key(*path)
            && matchers.iter().any(|matcher| matcher.takes(path))
    });
    let (paths, ids): (Vec<&String>, Vec<&str>) =
        taken.filter_map(|(path, content)| Some((path, content.id.as_deref()?))).unzip();
    let texts = git.contents(&ids)?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(paths.into_iter().cloned().zip(texts.into_iter().map(text)).collect())
}
