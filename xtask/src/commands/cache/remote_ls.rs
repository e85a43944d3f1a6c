//! `cache ls --registry` and `cache stat --registry`.

use super::kind::Kind;
use super::remote::{Remote, now};
use super::size;
use crate::exit::Done;
use anyhow::Result;
use drive::session::Session;
use model::oci::Tag;
use oci::{Inventory, Parts};
use std::time::Duration;
use ui::age;

/// Lists every tag with its kind, size and age.
pub fn ls(session: &Session, remote: &Remote, json: bool) -> Result<Done> {
    let inventory = remote.survey()?;
    let now = now();
    if json || session.ui.json() {
        let list: Vec<_> = inventory
            .tags
            .iter()
            .map(|(tag, tagged)| {
                serde_json::json!({
                    "tag": tag, "kind": Kind::of(tag), "digest": tagged.digest, "bytes": inventory.bytes([tag]),
                    "written": tagged.written,
                })
            })
            .collect();
        session.ui.data(&list)?;
        return Ok(Done::Well);
    }
    for (tag, tagged) in &inventory.tags {
        session.ui.line(format_args!(
            "{:<14} {:>11} {:>9}  {tag}",
            Kind::of(tag).as_str(),
            size(inventory.bytes([tag])),
            ago(tagged.written, now)
        ));
    }
    let total = size(inventory.bytes(inventory.tags.keys()));
    session.ui.done(&format!("{} tags, {total} in {}", inventory.tags.len(), remote.repository));
    Ok(Done::Well)
}

/// Says how much of it is of which kind.
pub fn stat(session: &Session, remote: &Remote, json: bool) -> Result<Done> {
    let inventory = remote.survey()?;
    let kinds: Vec<(Kind, Vec<&Tag>)> = Kind::ALL
        .into_iter()
        .map(|kind| (kind, inventory.tags.keys().filter(|tag| Kind::of(tag) == kind).collect::<Vec<_>>()))
        .filter(|(_, tags)| !tags.is_empty())
        .collect();
    let total = inventory.bytes(inventory.tags.keys());
    let each: u64 = reaches(&inventory).iter().map(|parts| parts.values().sum::<u64>()).sum();
    if json || session.ui.json() {
        let list: Vec<_> = kinds
            .iter()
            .map(|(kind, tags)| {
                let bytes = inventory.bytes(tags.iter().copied());
                serde_json::json!({ "kind": kind, "tags": tags.len(), "bytes": bytes })
            })
            .collect();
        session.ui.data(&serde_json::json!({
            "repository": remote.repository, "tags": inventory.tags.len(), "bytes": total,
            "shared": each.saturating_sub(total), "kinds": list,
        }))?;
        return Ok(Done::Well);
    }
    for (kind, tags) in &kinds {
        let bytes = size(inventory.bytes(tags.iter().copied()));
        session.ui.line(format_args!("{:<14} {:>6} tags {bytes:>11}", kind.as_str(), tags.len()));
    }
    session.ui.done(&format!(
        "{} tags, {} in {}; sharing saves {}",
        inventory.tags.len(),
        size(total),
        remote.repository,
        size(each.saturating_sub(total))
    ));
    Ok(Done::Well)
}

/// What each tag needs, for itself.
fn reaches(inventory: &Inventory) -> Vec<Parts> {
    let attachments = inventory.attachments();
    inventory.tags.values().map(|tagged| inventory.reach(&tagged.digest, &attachments)).collect()
}

/// How long ago something was written.
pub fn ago(written: Option<u64>, now: u64) -> String {
    written
        .map_or_else(|| "undated".to_owned(), |written| age(Duration::from_secs(now.saturating_sub(written))))
}
