//! `base-images`: what container builds start from, built where the registry lacks it.

use super::build_backend::known;
use crate::cli::BaseImages;
use crate::exit::Done;
use anyhow::{Context, Result};
use drive::bake;
use drive::error::Coded;
use drive::images::{Contexts, Job, Present, Shared, presence, print_decision, print_table};
use drive::session::Session;
use exec::buildx::Buildx;
use model::base_image::BaseImage;
use model::oci::{Reference, Tag};
use model::template::Template;
use plan::bases::{BaseRow, Decision, Presence, decide, of_backend, rows, select};
use plan::lower::{BaseBuild, ImageBuild};
use serde::Serialize;
use std::time::Instant;
use ui::human;

/// One base as `--json` prints it.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    row: &'a BaseRow,
    registry: Presence,
    decision: Decision,
}

/// Lists, shows or builds.
pub fn run(session: &Session, args: &BaseImages) -> Result<Done> {
    let began = Instant::now();
    let manifests = &session.manifests;
    let bases = selected(session, args)?;
    let rows =
        rows(bases, &manifests.backends, &manifests.variants, &manifests.templates, manifests.pinned())?;
    let shared = Shared::open(session, args.images.registry.as_ref(), args.images.push)?;
    let tags: Vec<Tag> = rows.iter().map(BaseRow::key_tag).collect();
    let present = shared.present(session, &tags)?;
    let decided: Vec<Told<'_>> = rows.iter().map(|row| told(row, &present, args.images.force)).collect();
    if args.images.list || args.images.dry_run {
        show(session, args, &decided)?;
        return Ok(Done::Well);
    }
    let mut todo = Vec::new();
    for Told { row, decision, .. } in &decided {
        match decision {
            Decision::Skip(why) => session.ui.note(&format!("{}: nothing to do: {why}", row.tag)),
            Decision::Build(why) => todo.push((*row, why)),
        }
    }
    let mut built = 0;
    if !todo.is_empty() {
        let writes = shared.push || shared.decision.cache.write;
        let buildx = bake::find(session, args.images.buildx_builder.as_deref(), writes)?;
        let mut fit = Vec::new();
        for (row, why) in &todo {
            match buildx.builder.builds(row.platform) {
                Ok(()) => fit.push((row, why)),
                // What was named must be built, and nothing is built before it is known that all can be.
                Err(error) if !args.variants.is_empty() => {
                    return Err(Coded::Missing(error.to_string()).into());
                }
                Err(error) => session.ui.note(&format!("passing over {}: {error}", row.tag)),
            }
        }
        for (row, why) in fit {
            session.ui.note(&format!("{}: {why}", row.tag));
            build(session, &shared, &buildx, row, args.images.force)?;
            built += 1;
        }
    }
    let there = decided.len() - todo.len();
    let over = todo.len() - built;
    let over = if over == 0 { String::new() } else { format!(", {over} passed over") };
    let took = human(began.elapsed());
    session.ui.done(&format!("base images: {built} built, {there} there already{over} · {took}"));
    Ok(Done::Well)
}

fn selected<'a>(session: &'a Session, args: &BaseImages) -> Result<Vec<&'a BaseImage>> {
    let manifests = &session.manifests;
    if !args.variants.is_empty() {
        return select(&manifests.bases, &args.variants)
            .map_err(|error| Coded::Usage(error.to_string()).into());
    }
    if args.backends.is_empty() {
        return Ok(manifests.bases.values().collect());
    }
    let mut wanted = std::collections::BTreeSet::new();
    for name in &args.backends {
        let bases = of_backend(known(session, name)?, &manifests.variants);
        if bases.is_empty() {
            session.ui.note(&format!("{name} starts from bare images: there is no base to build for it"));
        }
        wanted.extend(bases);
    }
    Ok(manifests.bases.values().filter(|base| wanted.contains(&base.name)).collect())
}

fn told<'a>(row: &'a BaseRow, present: &Present, force: bool) -> Told<'a> {
    let registry = present.of(&row.key_tag());
    let decision = decide(&format!("base-{}", row.key.short()), &registry, force);
    Told { row, registry, decision }
}

fn show(session: &Session, args: &BaseImages, decided: &[Told<'_>]) -> Result<()> {
    let ui = &session.ui;
    if args.images.json || ui.json() {
        return Ok(ui.data(&decided)?);
    }
    if args.images.dry_run {
        for Told { row, decision, .. } in decided {
            print_decision(ui, &row.tag, decision);
        }
        return Ok(());
    }
    let headings = [
        "base",
        "platform",
        "image",
        "toolkit",
        "CUDA",
        "distribution",
        "key",
        "registry",
        "who starts from it",
    ];
    let line = |Told { row, registry, .. }: &Told<'_>| {
        [
            row.name.to_string(),
            row.platform.to_string(),
            row.image.clone(),
            format!("{}{}", row.toolkit, if row.skip_drivers { " (in the image)" } else { "" }),
            row.cuda.clone().unwrap_or_else(|| "-".to_owned()),
            row.distro.to_owned(),
            row.key.short().clone(),
            presence(registry).to_owned(),
            row.consumers.to_string(),
        ]
    };
    print_table(ui, headings, &decided.iter().map(line).collect::<Vec<_>>());
    Ok(())
}

fn build(session: &Session, shared: &Shared, buildx: &Buildx, row: &BaseRow, fresh: bool) -> Result<()> {
    let contexts = Contexts::new(session, &format!("base-{}", row.name))?;
    let dockerfile = contexts.template(session, Template::Base)?;
    let build = BaseBuild {
        row,
        how: ImageBuild {
            repository: &shared.repository,
            dockerfile: &dockerfile,
            steps: &contexts.file("steps", "install.sh", &row.ground.install_sh())?,
            pins: &contexts.pins(session, &row.ground)?,
            write_cache: shared.decision.cache.write,
            fresh,
        },
        push: shared.push,
    };
    let job = Job {
        title: row.tag.as_str(),
        bake: build.bake()?,
        target: build.target()?,
        contexts: &contexts,
        reads: Vec::new(),
        writes: Vec::new(),
    };
    let baked = job.run(session, buildx)?;
    if !shared.push {
        session.ui.note(&format!("{}: built and not pushed; its layers stay with the builder", row.tag));
        return Ok(());
    }
    let digest = baked.context("buildx told no digest of what it pushed")?;
    let of_key = Reference { repository: shared.repository.clone(), tag: Some(row.key_tag()), digest: None };
    session.ui.note(&format!("{}: pushed {digest}, as {of_key} as well", row.tag));
    Ok(())
}
