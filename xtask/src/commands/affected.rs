//! `affected`: which backends a change touches, and because of what.

use crate::cli::Affected;
use crate::exit::Done;
use anyhow::Result;
use ci::affected::{Evidence, Reason, Selection};
use drive::change;
use drive::session::Session;
use model::unit::UnitId;
use plan::published;
use std::collections::{BTreeMap, BTreeSet};
use ui::Ui;

/// Reasons that are shown of a group unless all are asked for.
const SHOWN: usize = 6;

/// Prints what is touched, for people or as JSON.
pub fn run(session: &Session, args: &Affected) -> Result<Done> {
    let captured = change::capture(session, &(&args.change).into())?;
    let selection = change::select(session, &captured)?;
    let all: BTreeSet<UnitId> = published::units(captured.manifests(session)).collect();
    for note in &captured.notes {
        session.ui.note(note);
    }
    if args.json || session.ui.json() {
        let units: Vec<_> = selection
            .units
            .iter()
            .map(|(unit, reasons)| serde_json::json!({ "unit": unit, "reasons": reasons }))
            .collect();
        session.ui.data(&serde_json::json!({
            "change": captured.title, "evidence": selection.evidence, "why": selection.why,
            "published": all.len(), "units": units,
        }))?;
        return Ok(Done::Well);
    }
    tell(&session.ui, &captured.title, &selection, &all, args.explain);
    Ok(Done::Well)
}

fn tell(ui: &Ui, title: &str, selection: &Selection, all: &BTreeSet<UnitId>, explain: bool) {
    ui.line(format_args!("{title}"));
    ui.line(format_args!("by {}: {}", selection.evidence, selection.why));
    let mut groups = BTreeMap::<_, Vec<&UnitId>>::new();
    for (unit, reasons) in &selection.units {
        // Why everything is touched has been said once, and is no news of any unit.
        let own = reasons.iter().filter(|reason| explain || !is_common(reason));
        let own: Vec<String> = own.map(ToString::to_string).collect();
        if !own.is_empty() {
            groups.entry((&unit.backend, own)).or_default().push(unit);
        }
    }
    for ((backend, reasons), units) in &groups {
        let published = all.iter().filter(|unit| unit.backend == **backend).count();
        let which = if units.len() == published { "all variants".to_owned() } else { compact(units) };
        ui.line(format_args!(""));
        ui.line(format_args!("{backend}: {which} ({} of {published})", units.len()));
        let shown = if explain { reasons.len() } else { SHOWN };
        for reason in reasons.iter().take(shown) {
            ui.line(format_args!("  {reason}"));
        }
        if reasons.len() > shown {
            ui.line(format_args!("  and {} more (--explain shows them)", reasons.len() - shown));
        }
    }
    let (touched, published) = (selection.units.len(), all.len());
    match selection.evidence {
        Evidence::Everything if groups.is_empty() => {
            ui.done(&format!("all {published} units may be touched"));
        }
        Evidence::Everything => {
            ui.done(&format!("all {published} units may be touched, those above by more than that"));
        }
        Evidence::Keys | Evidence::Globs if touched == 0 => {
            ui.done(&format!("none of {published} units is touched"));
        }
        Evidence::Keys | Evidence::Globs => {
            ui.done(&format!("{touched} of {published} units are touched"));
        }
    }
}

fn is_common(reason: &Reason) -> bool {
    matches!(reason, Reason::Planner { .. } | Reason::Unknown)
}

/// `cpu, vulkan on linux/amd64 linux/arm64; cuda-12 on linux/amd64`.
fn compact(units: &[&UnitId]) -> String {
    let mut platforms = BTreeMap::<_, Vec<_>>::new();
    for unit in units {
        platforms.entry(&unit.variant).or_default().push(unit.platform.as_str());
    }
    let mut variants = BTreeMap::<_, Vec<_>>::new();
    for (variant, platforms) in platforms {
        variants.entry(platforms).or_default().push(variant.as_str());
    }
    let told =
        variants.iter().map(|(platforms, names)| format!("{} on {}", names.join(", "), platforms.join(" ")));
    told.collect::<Vec<_>>().join("; ")
}
