//! `matrix --matrix-file`: the filter that this repository's own selection replaces, with its very outputs.

mod api;
mod before;
mod files;
mod texts;

use crate::cli::Matrix as Args;
use crate::exit::Done;
use anyhow::Result;
use api::Api;
use camino::Utf8Path;
use drive::error::Coded;
use files::{lossy, variable};
use localai::filter::{Change, Changed, Chosen, Event, Filter, Matrix, Rules, Scope, Verdict, decide};
use localai::filter::{Selection, rules};
use texts::Texts;
use ui::Shown;
use ui::Ui;

/// Decides and writes. Whatever is wrong with the matrix or the rules is an error; whatever is wrong with what is known
/// of the change means that everything is built.
pub fn run(ui: &Ui, offline: bool, args: &Args, file: &Utf8Path) -> Result<Done> {
    let rules = read_rules(&args.reference.rules)?;
    let text = lossy(file).map_err(|error| Coded::Usage(format!("cannot read the matrix: {error}")))?;
    let matrix =
        Matrix::read(file, &text).map_err(|error| Coded::Wrong(Shown::new(|color| error.render(color))))?;
    if let Some(unknown) = matrix.unknown(file, &text) {
        if rules.known_lists {
            return Err(Coded::Wrong(Shown::new(|color| unknown.render(color))).into());
        }
        ui.warn(&format!("{}; these rules drop it", unknown.message));
    }
    let event = read_event(ui, args);
    let api = if args.reference.changed_files.is_none() && !args.reference.changed_unknown {
        Some(Api::new(&event, offline))
    } else {
        None
    };
    let verdict = decide(&event, changed(ui, args, &event, api.as_ref())?);
    let filter = filter(ui, &rules, &matrix, &args.reference.tree);
    match &verdict {
        Verdict::Everything { why } => {
            ui.note(&format!("everything is built: {why}"));
            write(ui, args, &filter, &Verdict::Everything { why: why.clone() })
        }
        Verdict::Touched(changed) => {
            let paths = changed.paths(rules.renames);
            let before = before::read(ui, &args.reference, &rules, &event, api.as_ref(), &paths);
            let previous = before.matrix.as_deref().and_then(Matrix::read_previous);
            if before.matrix.is_some() && previous.is_none() {
                ui.warn("the previous matrix cannot be read: every entry counts as changed");
            }
            let proto =
                before.proto.as_ref().map(|(previous, current)| (previous.as_str(), current.as_str()));
            let texts: &Texts = &before.texts;
            let change = Change { paths: &paths, previous: previous.as_ref(), proto, revisions: texts };
            let selection = filter.select(&change);
            write(ui, args, &filter, &Verdict::Touched(selection))
        }
    }
}

/// The filter, after a word about entries whose sources are nowhere.
fn filter<'f, 'm>(ui: &Ui, rules: &'m Rules, matrix: &'m Matrix<'f>, tree: &Utf8Path) -> Filter<'f, 'm> {
    let filter = Filter::new(rules, matrix);
    // Without a checkout, nothing is known of directories.
    let is_there = |dir: &str| {
        let top = Utf8Path::new(dir).components().next();
        tree.join(dir).is_dir() || !top.is_some_and(|top| tree.join(top).is_dir())
    };
    let filter = if rules.unplaced { filter.within(is_there) } else { filter };
    for (backend, place) in filter.unplaced() {
        let fate =
            if rules.unplaced { "it is built whatever changes" } else { "by these rules it is never built" };
        ui.warn(&format!("backend `{backend}`: {place}; {fate}"));
    }
    filter
}

fn read_rules(name: &Utf8Path) -> Result<Rules> {
    let read = |path: &Utf8Path, text: &str| {
        Rules::read(path, text).map_err(|errors| Coded::Wrong(Shown::new(|color| errors.render(color))))
    };
    if let Some((path, text)) = rules::shipped(name.as_str()) {
        return Ok(read(path.into(), text)?);
    }
    let text = lossy(name).map_err(|error| {
        let known = [rules::LOCALAI, rules::CORRECTED].join(" and ");
        Coded::Usage(format!("cannot read the rules: {error}; {known} come with xtask"))
    })?;
    Ok(read(name, &text)?)
}

/// The event; one that cannot be read means everything.
fn read_event(ui: &Ui, args: &Args) -> Event {
    let path = args.change.event_path.clone().or_else(|| variable("GITHUB_EVENT_PATH").map(Into::into));
    let force_all = std::env::var("FORCE_ALL").is_ok_and(|value| value == "true");
    let event = match path {
        None => {
            Event::unknown("there is no event: neither --event-path nor GITHUB_EVENT_PATH is set".to_owned())
        }
        Some(path) => match fs_err::read(&path) {
            Ok(payload) => Event::read(&payload, force_all),
            Err(error) => Event::unknown(format!("cannot read the event: {error}")),
        },
    };
    if let Some(warning) = &event.warning {
        ui.warn(&format!("{warning}; everything is built"));
    }
    event
}

/// The changed files, or why nobody knows them. Only a file that the user named and that is not there is an error.
fn changed(ui: &Ui, args: &Args, event: &Event, api: Option<&Api>) -> Result<Result<Changed, String>> {
    if let Scope::Everything { why } = &event.scope {
        return Ok(Err(why.clone()));
    }
    let unsafe_to_guess = |error: &dyn std::fmt::Display| {
        ui.warn(&format!("{error}; everything is built"));
        "what changed is not known".to_owned()
    };
    if let Some(file) = &args.reference.changed_files {
        let text =
            lossy(file).map_err(|error| Coded::Usage(format!("cannot read the changed files: {error}")))?;
        return Ok(Changed::read(&text).map_err(|error| unsafe_to_guess(&error)));
    }
    match api {
        Some(api) => Ok(api.changed(event).map_err(|error| unsafe_to_guess(&error))),
        None => Ok(Err("what changed is not known".to_owned())),
    }
}

/// Appends the outputs in one piece and says what they are.
fn write<'f>(
    ui: &Ui,
    args: &Args,
    filter: &Filter<'f, '_>,
    verdict: &Verdict<Selection<'f, '_>>,
) -> Result<Done> {
    let outputs = filter.outputs(verdict);
    let emitted = outputs.emit().map_err(|refusal| Coded::Usage(refusal.to_string()))?;
    for warning in &emitted.warnings {
        ui.warn(warning);
    }
    let file = args.github_output.clone().or_else(|| variable("GITHUB_OUTPUT").map(Into::into));
    ui::github::output(file.as_deref(), &emitted.text)?;
    if args.explain
        && let Verdict::Touched(selection) = verdict
    {
        explain(ui, &selection.linux);
        explain(ui, &selection.darwin);
    }
    let (linux, darwin) = (outputs.linux.len(), outputs.darwin.len());
    ui.done(&format!("{linux} Linux and {darwin} Darwin entries to build"));
    Ok(Done::Well)
}

fn explain(ui: &Ui, chosen: &[Chosen<'_, '_>]) {
    for Chosen { entry, reasons } in chosen {
        let (suffix, platform) = entry.identity();
        let why: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        ui.note(&format!("build {suffix:<48} {platform:<6} {}", why.join("; ")));
    }
}
