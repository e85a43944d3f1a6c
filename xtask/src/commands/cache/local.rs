//! The cache on this machine.

use super::size;
use crate::exit::Done;
use anyhow::Result;
use camino::Utf8PathBuf;
use drive::make::{sources, tools};
use drive::session::{Session, cache_dir};
use std::time::SystemTime;
use store::{Policy, Reason, What};
use ui::human;

/// Lists its packages.
pub fn ls(session: &Session, json: bool) -> Result<Done> {
    let entries = session.store()?.ls()?;
    if json || session.ui.json() {
        let seconds =
            |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |age| age.as_secs());
        let list: Vec<_> = entries
            .iter()
            .map(|entry| {
                serde_json::json!({
                    "key": entry.key.to_string(), "unit": entry.unit, "files": entry.files, "bytes": entry.bytes,
                    "created": seconds(entry.created), "used": seconds(entry.used),
                    "built_in_seconds": entry.built_in.as_secs_f64(),
                })
            })
            .collect();
        session.ui.data(&list)?;
        return Ok(Done::Well);
    }
    for entry in &entries {
        session.ui.line(format_args!(
            "{:.12}  {:<40} {:>8}  built in {:>12}, used {} ago",
            entry.key.to_string(),
            entry.unit,
            size(entry.bytes),
            human(entry.built_in),
            human(entry.used.elapsed().unwrap_or_default())
        ));
    }
    session.ui.done(&format!("{} packages", entries.len()));
    Ok(Done::Well)
}

/// Says how large it is.
pub fn stat(session: &Session, json: bool) -> Result<Done> {
    let usage = session.store()?.stat()?;
    if json || session.ui.json() {
        let scratch: serde_json::Map<String, serde_json::Value> =
            usage.scratch.iter().map(|(name, bytes)| (name.clone(), (*bytes).into())).collect();
        session.ui.data(&serde_json::json!({
            "path": cache_dir()?, "packages": usage.entries, "damaged": usage.damaged, "blobs": usage.blobs,
            "bytes": usage.blob_bytes, "reclaimable": usage.reclaimable, "scratch": scratch,
        }))?;
        return Ok(Done::Well);
    }
    session.ui.line(format_args!("{:<12} {} in {} files", "packages", size(usage.blob_bytes), usage.blobs));
    for (name, bytes) in &usage.scratch {
        session.ui.line(format_args!("{name:<12} {}", size(*bytes)));
    }
    let damaged = if usage.damaged > 0 { format!(", {} damaged", usage.damaged) } else { String::new() };
    session.ui.done(&format!(
        "{} packages{damaged}, {} reclaimable without loss, in {}",
        usage.entries,
        size(usage.reclaimable),
        cache_dir()?
    ));
    Ok(Done::Well)
}

/// Hashes everything again.
pub fn verify(session: &Session, evict: bool) -> Result<Done> {
    let verified = session.store()?.verify(evict)?;
    for problem in &verified.problems {
        let entry =
            problem.entry.as_ref().map_or_else(String::new, |key| format!(" of {:.12}", key.to_string()));
        let removed = if problem.removed { "; removed" } else { "" };
        session.ui.warn(&format!("{}{entry}: {}{removed}", problem.file.display(), problem.problem));
    }
    let counts = format!(
        "{} packages, {} files, {} shared trees, {}",
        verified.entries,
        verified.blobs,
        verified.trees,
        size(verified.bytes)
    );
    if verified.problems.is_empty() {
        session.ui.done(&format!("sound: {counts}"));
        return Ok(Done::Well);
    }
    let next = if evict { "the rest is sound" } else { "run again with --evict to remove them" };
    session.ui.done(&format!("{} problems in {counts}; {next}", verified.problems.len()));
    Ok(Done::Differs)
}

/// Makes it smaller.
pub fn gc(session: &Session, policy: Policy) -> Result<Done> {
    let wanted = [sources::trees(session)?, tools::trees(session)?].concat();
    let wanted = wanted.into_iter().map(Utf8PathBuf::into_std_path_buf).collect();
    let collected = session.store()?.gc(policy, &wanted)?;
    for removed in &collected.removed {
        let what = match &removed.what {
            What::Entry { key, unit } => format!("package {unit} {:.12}", key.to_string()),
            What::Blob(digest) => format!("content {digest:.12}"),
            What::Tree(path) | What::Leftover(path) => path.display().to_string(),
        };
        let why = match removed.reason {
            Reason::OverBudget => "over budget",
            Reason::Unreachable => "needed by nothing",
            Reason::Damaged => "damaged",
            Reason::Abandoned => "its writer is gone",
        };
        session.ui.note(&format!("{what} · {} · {why}", size(removed.bytes)));
    }
    let verb = if policy.dry_run { "would free" } else { "freed" };
    let in_use = collected.in_use.len();
    let busy = if in_use > 0 { format!(", {in_use} kept because they are in use") } else { String::new() };
    session.ui.done(&format!("{verb} {}, {} stay{busy}", size(collected.freed), size(collected.kept)));
    Ok(Done::Well)
}
