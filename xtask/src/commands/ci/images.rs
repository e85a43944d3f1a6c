//! `ci images`: which base images and root images a run has to build, and which to merge.

use super::github;
use crate::cli::{BuildImage, ImageKind, ImageOptions, Images as Args};
use crate::commands::build_image::legs;
use crate::exit::Done;
use anyhow::Result;
use ci::matrix::RunsOn;
use ci::outputs::{Refusal, fits};
use drive::error::Coded;
use drive::images::Shared;
use drive::session::Session;
use model::event::{Event, GitRef, Trigger};
use model::oci::Tag;
use plan::bases::{BaseRow, Decision, decide, rows};
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
    match &args.github_output {
        Some(file) => github::append(file, &text)?,
        None => ui::print!("{text}"),
    }
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
    let manifests = &session.manifests;
    let rows = rows(
        manifests.bases.values(),
        &manifests.backends,
        &manifests.variants,
        &manifests.templates,
        manifests.pinned(),
    )?;
    let shared = Shared::open(session, args.registry.as_ref(), false)?;
    let tags: Vec<Tag> = rows.iter().map(BaseRow::key_tag).collect();
    let present = shared.present(session, &tags)?;
    let anew = matches!(event.trigger, Trigger::Schedule(_));
    let mut work = Work::default();
    for row in &rows {
        let tag = row.key_tag();
        match decide(&format!("base-{}", row.key.short()), &present.of(&tag), anew) {
            Decision::Skip(why) => session.ui.note(&format!("{}: nothing to do: {why}", row.tag)),
            Decision::Build(why) => {
                session.ui.note(&format!("{}: {why}", row.tag));
                let runs_on = manifests.bases.get(&row.name).map(|base| &base.runner);
                work.builds.push(json!({ "base": row.name, "runs-on": runs_on }));
            }
        }
    }
    Ok(work)
}

/// Those that the registry lacks. What has a new platform is merged; a release and a person get all merged, which builds
/// nothing and moves tags. A pull request merges nothing.
fn roots(session: &Session, args: &Args, event: &Event) -> Result<Work> {
    let images = ImageOptions {
        push: false,
        registry: args.registry.clone(),
        buildx_builder: None,
        force: false,
        list: true,
        dry_run: false,
        json: false,
    };
    let all = BuildImage {
        names: Vec::new(),
        platform: Vec::new(),
        load: false,
        output: None,
        publish_to: Vec::new(),
        digests: None,
        images,
    };
    let shared = Shared::open(session, args.registry.as_ref(), false)?;
    let (every, any) = match &event.trigger {
        Trigger::Push(GitRef::Tag(_)) | Trigger::Dispatch(_) => (true, true),
        Trigger::PullRequest { .. } | Trigger::MergeGroup | Trigger::Unknown { .. } => (false, false),
        Trigger::Push(GitRef::Branch(_)) | Trigger::Schedule(_) | Trigger::Local => (false, true),
    };
    let mut work = Work::default();
    let legs = legs::legs(session, &all, &shared)?;
    for leg in &legs {
        let merge = json!({ "image": leg.image.name });
        let builds = match &leg.decision {
            Decision::Skip(why) => {
                session.ui.note(&format!("{}: nothing to do: {why}", leg.title()));
                false
            }
            Decision::Build(why) => {
                session.ui.note(&format!("{}: {why}", leg.title()));
                let (platform, runs_on) = (leg.platform(), RunsOn::of(leg.platform().arch).as_str());
                work.builds.push(json!({
                    "image": leg.image.name, "platform": platform, "runs-on": runs_on
                }));
                true
            }
        };
        if (every || builds && any) && !work.merges.contains(&merge) {
            work.merges.push(merge);
        }
    }
    let again = legs.iter().filter(|leg| {
        matches!(leg.decision, Decision::Skip(_)) && work.merges.contains(&json!({ "image": leg.image.name }))
    });
    shared.renew(session, &again.filter_map(|leg| Some((leg.key, leg.digest.as_ref()?))).collect());
    Ok(work)
}
