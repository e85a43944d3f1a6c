//! `build-image`: root images, which carry a toolkit's runtime libraries and start any packaged backend.

pub mod legs;
mod show;

use crate::cli::BuildImage;
use crate::exit::Done;
use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use drive::bake;
use drive::error::Coded;
use drive::images::{Contexts, Job, Shared, ensure_entry};
use drive::registries;
use drive::session::Session;
use exec::buildx::Buildx;
use legs::{Leg, legs};
use model::oci::{ImageDigest, Repository};
use model::template::Template;
use plan::bases::Decision;
use plan::lower::{ImageBuild, RootBuild, RootTo};
use std::collections::BTreeMap;
use std::time::Instant;
use ui::human;

/// Lists, shows or builds.
pub fn run(session: &Session, args: &BuildImage) -> Result<Done> {
    let began = Instant::now();
    let options = &args.images;
    let shared = Shared::open(session, options.registry.as_ref(), options.push)?;
    let legs = legs(session, args, &shared)?;
    if options.list || options.dry_run {
        show::show(session, args, &legs)?;
        return Ok(Done::Well);
    }
    let one = legs.len() == 1;
    anyhow::ensure!(one || args.output.is_none(), usage("--output takes one image of one platform"));
    let names = legs.iter().all(|leg| leg.image.name == legs[0].image.name);
    anyhow::ensure!(names || args.digests.is_none(), usage("--digests takes one image: name it"));
    let publish_to = publish_to(session, args, &shared)?;
    let (mut built, mut there) = (0, 0);
    for leg in &legs {
        // What goes into a file or the local Docker is made from cached layers.
        let asked = args.load || args.output.is_some();
        let digest = match (&leg.decision, &leg.digest) {
            (Decision::Skip(why), Some(digest)) if !asked => {
                session.ui.note(&format!("{}: nothing to do: {why}", leg.title()));
                shared.renew(session, &BTreeMap::from([(leg.key, digest)]));
                for repository in &publish_to {
                    shared.client.copy_image(&shared.repository, &digest.clone().into(), repository, &[])?;
                }
                there += 1;
                Some(digest.clone())
            }
            (Decision::Skip(why) | Decision::Build(why), _) => {
                session.ui.note(&format!("{}: {why}", leg.title()));
                built += 1;
                build(session, args, &shared, leg, &publish_to)?
            }
        };
        if let (Some(dir), Some(digest)) = (&args.digests, digest) {
            fs_err::create_dir_all(dir)?;
            fs_err::write(dir.join(digest.hex()), "")?;
        }
    }
    let took = human(began.elapsed());
    session.ui.done(&format!("root images: {built} built, {there} there already · {took}"));
    Ok(Done::Well)
}

fn usage(text: &str) -> Coded {
    Coded::Usage(text.to_owned())
}

/// Where a pushed image goes beside the cache repository, which keeps it under its key.
fn publish_to(session: &Session, args: &BuildImage, shared: &Shared) -> Result<Vec<Repository>> {
    if !shared.releases() {
        return Ok(Vec::new());
    }
    if args.publish_to.is_empty() {
        return session.manifests.registry.root.iter().map(|text| registries::repository(text)).collect();
    }
    Ok(args.publish_to.clone())
}

/// Builds one, and gives a pushed one the name that keeps it: an image without any tag is soon collected.
fn build(
    session: &Session,
    args: &BuildImage,
    shared: &Shared,
    leg: &Leg<'_>,
    publish_to: &[Repository],
) -> Result<Option<ImageDigest>> {
    let options = &args.images;
    let writes = shared.push || shared.decision.cache.write;
    let buildx: Buildx = bake::find(session, options.buildx_builder.as_deref(), writes)?;
    buildx.builder.builds(leg.platform()).map_err(|error| Coded::Missing(error.to_string()))?;
    let contexts = Contexts::new(session, &format!("root-{}-{}", leg.image.name, leg.platform().arch))?;
    let mut writes: Vec<Utf8PathBuf> = Vec::new();
    let to = if let Some(file) = &args.output {
        let file = camino::absolute_utf8(file)?;
        writes.extend(file.parent().map(ToOwned::to_owned));
        RootTo::File(file)
    } else if args.load {
        RootTo::Load(format!("localhost/root:{}", leg.image.name))
    } else if shared.push {
        let repositories = publish_to.iter().chain(Some(&shared.repository));
        RootTo::Push(repositories.map(ToString::to_string).collect())
    } else {
        RootTo::Nothing
    };
    let entry = ensure_entry(session, leg.platform())?;
    let dockerfile = contexts.template(session, Template::Root)?;
    let build = RootBuild {
        image: leg.image,
        ground: &leg.ground,
        key: &leg.key,
        how: ImageBuild {
            repository: &shared.repository,
            dockerfile: &dockerfile,
            steps: &contexts.file("steps", "install.sh", &leg.ground.install_sh())?,
            pins: &contexts.pins(session, &leg.ground)?,
            write_cache: shared.decision.cache.write,
            fresh: options.force,
        },
        entry: &entry,
        to: &to,
    };
    let title = leg.title();
    let job = Job {
        title: &title,
        bake: build.bake()?,
        target: build.target()?,
        contexts: &contexts,
        reads: vec![entry.clone()],
        writes,
    };
    let baked = job.run(session, &buildx)?;
    match &to {
        RootTo::Nothing => {
            session.ui.note(&format!(
                "{title}: built; it stays with the builder (--load, --output and --push take it)"
            ));
            Ok(None)
        }
        RootTo::Load(name) => {
            session.ui.note(&format!("{title}: loaded as {name}"));
            Ok(None)
        }
        RootTo::File(file) => {
            session.ui.note(&format!("{title}: written to {file}"));
            Ok(None)
        }
        RootTo::Push(_) => {
            let digest = baked.context("buildx told no digest of what it pushed")?;
            shared.client.tag(&shared.repository, &digest, &leg.tag())?;
            session.ui.note(&format!("{title}: pushed {digest}, kept as {}", leg.tag()));
            Ok(Some(digest))
        }
    }
}
