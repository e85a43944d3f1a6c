//! `ci images`: which base images and root images a run has to build, and which to merge.

use crate::cli::{ImageKind, Images as Args};
use crate::exit::Done;
use anyhow::Result;
use ci::matrix::RunsOn;
use ci::outputs::{Refusal, fits};
use drive::error::Coded;
use drive::helpers::ENTRY_SOURCES;
use drive::images::{Decided, Shared, decide};
use drive::session::Session;
use model::event::{Event, GitRef, Trigger};
use plan::decision::Decision;
use plan::made::Made;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Rows of the two matrices.
#[derive(Default)]
struct Work {
    builds: Vec<Value>,
    merges: Vec<Value>,
}

/// Decides, and tells the jobs behind this one.
pub fn run(session: &Session, args: &Args) -> Result<Done> {
    let event = Event::read(&exec::event::capture());
    let work = match args.kind {
        ImageKind::Bases => bases(session, args, &event)?,
        ImageKind::Roots => roots(session, args, &event)?,
    };
    let text = work.lines().map_err(|refusal| Coded::Usage(refusal.to_string()))?;
    ui::github::output(args.github_output.as_deref(), &text)?;
    session.ui.done(&format!("{} to build, {} to merge", work.builds.len(), work.merges.len()));
    Ok(Done::Well)
}

impl Work {
    /// The keys of the outputs, with their values.
    fn lines(&self) -> Result<String, Refusal> {
        let mut text = String::new();
        for (has, key, rows) in [("builds", "matrix", &self.builds), ("merges", "merge-matrix", &self.merges)]
        {
            fits(key, rows.len(), None)?;
            let matrix = json!({ "include": rows });
            // Writing to a string does not fail.
            let _ = write!(text, "has-{has}={}\n{key}={matrix}\n", !rows.is_empty());
        }
        Ok(text)
    }
}

/// Those that the registry lacks. A schedule builds all of them: no key knows the versions of packages.
fn bases(session: &Session, args: &Args, event: &Event) -> Result<Work> {
    let rows = session.manifests.bases.values();
    let made = rows.clone().map(|row| Made::base(row, &session.manifests)).collect::<Result<_, _>>()?;
    let shared = Shared::open(session, args.registry.as_ref(), false)?;
    let decided = decide(session, &shared, made, matches!(event.trigger, Trigger::Schedule(_)))?;
    let mut work = Work::default();
    for (row, decided) in rows.zip(&decided) {
        if is_built(session, decided) {
            work.builds.push(json!({ "base": row.name, "runs-on": row.runner }));
        }
    }
    Ok(work)
}

/// Those that the registry lacks. What has a new platform is merged; a release and a person get all merged, which builds
/// nothing and moves tags. A pull request merges nothing.
fn roots(session: &Session, args: &Args, event: &Event) -> Result<Work> {
    let rows = session.manifests.root_images.values();
    let legs = rows.flat_map(|row| row.platforms.iter().map(move |platform| (row, *platform)));
    let made = |(row, platform)| Made::root(row, platform, &session.manifests, ENTRY_SOURCES);
    let made = legs.clone().map(made).collect::<Result<_, _>>()?;
    let shared = Shared::open(session, args.registry.as_ref(), false)?;
    let (every, any) = match &event.trigger {
        Trigger::Push(GitRef::Tag(_)) | Trigger::Dispatch(_) => (true, true),
        Trigger::PullRequest { .. } | Trigger::MergeGroup | Trigger::Unknown { .. } => (false, false),
        Trigger::Push(GitRef::Branch(_)) | Trigger::Schedule(_) | Trigger::Local => (false, true),
    };
    let mut work = Work::default();
    let decided = decide(session, &shared, made, false)?;
    for ((row, platform), decided) in legs.clone().zip(&decided) {
        let merge = json!({ "image": row.name });
        let builds = is_built(session, decided);
        if builds {
            let runs_on = RunsOn::of(platform.arch).as_str();
            work.builds.push(json!({ "image": row.name, "platform": platform, "runs-on": runs_on }));
        }
        if (every || builds && any) && !work.merges.contains(&merge) {
            work.merges.push(merge);
        }
    }
    let again = legs.zip(decided).filter(|((row, _), decided)| {
        matches!(decided.decision, Decision::Skip(_)) && work.merges.contains(&json!({ "image": row.name }))
    });
    let again = again.filter_map(|(_, leg)| Some((leg.made.key, leg.registry.into_image()?)));
    shared.renew(session, &again.collect());
    Ok(work)
}

/// Says what becomes of an image; whether it is built.
fn is_built(session: &Session, Decided { made, decision, .. }: &Decided<'_>) -> bool {
    let (is_built, why) = match decision {
        Decision::Skip(why) => (false, format!("nothing to do: {why}")),
        Decision::Build(why) => (true, why.clone()),
    };
    session.ui.note(&format!("{}: {why}", made.title()));
    is_built
}
