//! `why`: what went into a key, and what changed since the last build.

use super::build_backend::plan_of;
use crate::cli::{Selection, Why};
use crate::exit::Done;
use anyhow::{Context, Result};
use drive::make::{self, Keyed};
use drive::session::Session;
use model::key::Key;
use plan::Plan;
use plan::published;
use plan::why::{Change, changes};
use serde_json::Value;
use ui::Ui;

/// Compares the key document of now with that of the last build; if that is the same, the last two builds.
pub fn run(session: &Session, args: &Why) -> Result<Done> {
    let Asked { keyed, published } = asked(session, &args.selection)?;
    let document = keyed.document().to_json()?;
    if args.document {
        session.ui.document(&document);
        return Ok(Done::Well);
    }
    let answer = answer(session, &keyed, &document)?;
    if args.json || session.ui.json() {
        let text = serde_json::json!({
            "unit": keyed.plan.unit, "key": keyed.key, "inputs": keyed.inputs.len(), "published": published,
            "answer": answer,
        });
        session.ui.data(&text)?;
    } else {
        tell(&session.ui, &keyed, published, &answer);
    }
    Ok(Done::Well)
}

/// What is asked about.
struct Asked {
    keyed: Keyed,
    /// Whether that is what is published, which was taken or built the last time, and not what this machine would build.
    published: bool,
}

fn asked(session: &Session, selection: &Selection) -> Result<Asked> {
    let own = Asked { keyed: keyed(session, selection)?, published: false };
    let request = selection.unit.request(&selection.backend, session.host.ci);
    let store = session.store()?;
    let last = store.last(&own.keyed.plan.unit.slug())?.filter(|last| last.key != own.keyed.key);
    let plan = published::instead(&session.manifests, &session.host, &request);
    let (Some(last), Some(plan)) = (last, plan) else { return Ok(own) };
    let published = measured(session, plan)?;
    let before = store.lookup(&last.key)?.map(|entry| entry.key_document()).transpose()?;
    let before = before.and_then(|document| shape(&document));
    let is_like = |keyed: &Keyed| -> Result<bool> {
        Ok(before.is_some() && shape(keyed.document().to_json()?.as_bytes()) == before)
    };
    let is_it = last.key == published.key || (!is_like(&own.keyed)? && is_like(&published)?);
    Ok(if is_it { Asked { keyed: published, published: true } } else { own })
}

/// What tells a published package from one that a user builds, in the text of a key document.
fn shape(document: &[u8]) -> Option<[Value; 2]> {
    let document: Value = serde_json::from_slice(document).ok()?;
    Some(["realm", "flavors"].map(|field| document[field].clone()))
}

/// What is known of the unit's history.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
enum Answer {
    /// No build with this cache.
    Never,
    /// The last build had another key.
    Changed {
        last: Key,
        /// None when the cache no longer holds the last build's document.
        changes: Option<Vec<Change>>,
    },
    /// The last build had this key; this is how it differed from the one before.
    Current { previous: Option<Key>, changes: Option<Vec<Change>> },
}

fn answer(session: &Session, keyed: &Keyed, document: &str) -> Result<Answer> {
    let store = session.store()?;
    let Some(last) = store.last(&keyed.plan.unit.slug())? else { return Ok(Answer::Never) };
    let compared = |key: &Key| -> Result<Option<Vec<Change>>> {
        let Some(entry) = store.lookup(key)? else { return Ok(None) };
        let before =
            String::from_utf8(entry.key_document()?).context("a cached key document is not UTF-8")?;
        Ok(Some(changes(&before, document)?))
    };
    if last.key != keyed.key {
        return Ok(Answer::Changed { last: last.key, changes: compared(&last.key)? });
    }
    let changes = last.previous.as_ref().map(compared).transpose()?.flatten();
    Ok(Answer::Current { previous: last.previous, changes })
}

fn tell(ui: &Ui, keyed: &Keyed, published: bool, answer: &Answer) {
    let plan = &keyed.plan;
    ui.line(format_args!("{} · key {}", plan.unit, keyed.key));
    ui.line(format_args!(
        "  made of {} files, {} sources, {} steps, {} tools and packages{}",
        keyed.inputs.len(),
        plan.pins.len(),
        plan.steps.len(),
        plan.facts.len(),
        plan.refresh.as_ref().map_or_else(String::new, |bucket| format!(", refreshed in {bucket}"))
    ));
    let realm = plan.realm.as_str();
    if published {
        ui.line(format_args!("  as it is published, in the {realm} realm: taken where the registry has it"));
    } else {
        ui.line(format_args!("  built in the {realm} realm: {}", plan.reason));
    }
    match answer {
        Answer::Never => ui.line(format_args!("  never built with this cache: it will be built")),
        Answer::Changed { last, changes } => {
            ui.line(format_args!("  changed since the last build ({}):", last.short()));
            list(ui, changes.as_deref());
        }
        Answer::Current { previous: None, .. } => {
            ui.line(format_args!("  nothing changed since the last build, the first one"));
        }
        Answer::Current { previous: Some(previous), changes } => {
            ui.line(format_args!(
                "  nothing changed since the last build; it was built because, since {}:",
                previous.short()
            ));
            list(ui, changes.as_deref());
        }
    }
    for fact in &keyed.missing {
        ui.line(format_args!("  not installed yet: {}", fact.name()));
    }
}

fn list(ui: &Ui, changes: Option<&[Change]>) {
    match changes {
        Some(changes) => changes.iter().for_each(|change| ui.line(format_args!("    {change}"))),
        None => ui.line(format_args!("    (its key document is no longer in the cache)")),
    }
}

/// The selected unit with its key.
pub fn keyed(session: &Session, selection: &Selection) -> Result<Keyed> {
    let request = selection.unit.request(&selection.backend, session.host.ci);
    measured(session, plan_of(session, &request)?)
}

fn measured(session: &Session, plan: Plan) -> Result<Keyed> {
    make::measure(session, vec![plan])?.pop().context("one plan gives one key")
}
