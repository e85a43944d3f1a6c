//! `base-images`: what container builds start from, built where the registry lacks it.

use super::build_backend::known;
use crate::cli::BaseImages;
use crate::exit::Done;
use anyhow::Result;
use drive::bake;
use drive::error::Coded;
use drive::images::{Decided, Shared, build, decide, print_decision, print_table};
use drive::session::Session;
use exec::buildx::Buildx;
use model::base::PrebuiltBase;
use plan::bases::{Consumers, of_backend, select};
use plan::decision::Decision;
use plan::lower::ImageTo;
use plan::made::Made;
use serde_json::json;
use std::time::Instant;
use ui::human;

/// Lists, shows or builds.
pub fn run(session: &Session, args: &BaseImages) -> Result<Done> {
    let began = Instant::now();
    let rows = selected(session, args)?;
    let made = rows.iter().map(|row| Made::base(row, &session.manifests)).collect::<Result<_, _>>()?;
    let shared = Shared::open(session, args.images.registry.as_ref(), args.images.push)?;
    let decided = decide(session, &shared, made, args.images.force)?;
    if args.images.list || args.images.dry_run {
        show(session, args, &rows, &decided)?;
        return Ok(Done::Well);
    }
    let mut todo = Vec::new();
    for Decided { made, decision, .. } in &decided {
        match decision {
            Decision::Skip(why) => session.ui.note(&format!("{}: nothing to do: {why}", made.title())),
            Decision::Build(why) => todo.push((made, why)),
        }
    }
    let mut built = 0;
    if !todo.is_empty() {
        let writes = shared.push || shared.decision.cache.write;
        let buildx = bake::find(session, args.images.buildx_builder.as_deref(), writes)?;
        let mut fit = Vec::new();
        for (made, why) in &todo {
            match buildx.builder.builds(made.platform()) {
                Ok(()) => fit.push((made, why)),
                // What was named must be built, and nothing is built before it is known that all can be.
                Err(error) if !args.variants.is_empty() => {
                    return Err(Coded::Missing(error.to_string()).into());
                }
                Err(error) => session.ui.note(&format!("passing over {}: {error}", made.title())),
            }
        }
        for (made, why) in fit {
            session.ui.note(&format!("{}: {why}", made.title()));
            build_one(session, &shared, &buildx, made, args.images.force)?;
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

fn selected<'a>(session: &'a Session, args: &BaseImages) -> Result<Vec<&'a PrebuiltBase>> {
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

fn show(session: &Session, args: &BaseImages, rows: &[&PrebuiltBase], decided: &[Decided<'_>]) -> Result<()> {
    let (ui, manifests) = (&session.ui, &session.manifests);
    if args.images.dry_run && !args.images.json && !ui.json() {
        for Decided { made, decision, .. } in decided {
            print_decision(ui, &made.title(), decision);
        }
        return Ok(());
    }
    let rows = rows.iter().zip(decided).map(|(row, decided)| {
        let consumers = Consumers::of(&row.name, manifests.backends.values(), &manifests.variants);
        (*row, decided, consumers)
    });
    if args.images.json || ui.json() {
        let told = rows.map(|(row, Decided { made, registry, decision }, consumers)| {
            let PrebuiltBase { name, platform, runner: _, base } = row;
            json!({
                "name": name, "platform": platform, "image": base.image, "toolkit": base.toolkit,
                "cuda": base.cuda.map(|cuda| cuda.to_string()), "distro": base.distro.as_str(),
                "skip_drivers": base.skip_drivers, "tag": row.tag(), "key": made.key, "consumers": consumers,
                "registry": registry, "decision": decision,
            })
        });
        return Ok(ui.data(&told.collect::<Vec<_>>())?);
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
    let line = |(row, decided, consumers): (&PrebuiltBase, &Decided<'_>, Consumers)| {
        let base = &row.base;
        [
            row.name.to_string(),
            row.platform.to_string(),
            base.image.clone(),
            format!("{}{}", base.toolkit, if base.skip_drivers { " (in the image)" } else { "" }),
            base.cuda.map_or_else(|| "-".to_owned(), |cuda| cuda.to_string()),
            base.distro.as_str().to_owned(),
            decided.made.key.short(),
            decided.registry.as_str().to_owned(),
            consumers.to_string(),
        ]
    };
    print_table(ui, headings, &rows.map(line).collect::<Vec<_>>());
    Ok(())
}

fn build_one(
    session: &Session,
    shared: &Shared,
    buildx: &Buildx,
    made: &Made<'_>,
    fresh: bool,
) -> Result<()> {
    let names = [made.title(), made.tag().to_string()].map(|tag| format!("{}:{tag}", shared.repository));
    let to = if shared.push { ImageTo::Push(names.to_vec()) } else { ImageTo::Nothing };
    let [_, of_key] = &names;
    let digest = build(session, shared, buildx, made, &to, fresh)?;
    if let Some(digest) = &digest {
        shared.attest(session, &made.tag(), digest);
    }
    session.ui.note(&match digest {
        Some(digest) => format!("{}: pushed {digest}, as {of_key} as well", made.title()),
        None => format!("{}: built and not pushed; its layers stay with the builder", made.title()),
    });
    Ok(())
}
