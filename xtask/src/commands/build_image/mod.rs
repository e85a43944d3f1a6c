//! `build-image`: root images, which carry a toolkit's runtime libraries and start any packaged backend.

mod show;

use crate::cli::BuildImage;
use crate::exit::Done;
use anyhow::Result;
use drive::bake;
use drive::error::Coded;
use drive::helpers::ENTRY_SOURCES;
use drive::images::{Decided, Shared, build, decide};
use drive::registries;
use drive::session::Session;
use exec::buildx::Buildx;
use model::oci::{ImageDigest, Repository};
use model::platform::{Os, Platform};
use model::root_image::{RootImage, select};
use plan::decision::Decision;
use plan::lower::ImageTo;
use plan::made::Made;
use std::collections::BTreeMap;
use std::time::Instant;
use ui::human;

/// Lists, shows or builds.
pub fn run(session: &Session, args: &BuildImage) -> Result<Done> {
    let began = Instant::now();
    let options = &args.images;
    let shared = Shared::open(session, options.registry.as_ref(), options.push)?;
    let legs = decide(session, &shared, selected(session, args)?, options.force)?;
    if options.list || options.dry_run {
        show::show(session, args, &legs)?;
        return Ok(Done::Well);
    }
    let one = legs.len() == 1;
    anyhow::ensure!(one || args.output.is_none(), usage("--output takes one image of one platform"));
    let names = legs.iter().all(|leg| leg.made.row_name() == legs[0].made.row_name());
    anyhow::ensure!(names || args.digests.is_none(), usage("--digests takes one image: name it"));
    let publish_to = publish_to(session, args, &shared)?;
    let (mut built, mut there) = (0, 0);
    for Decided { made, registry, decision } in legs {
        // What goes into a file or the local Docker is made from cached layers.
        let asked = args.load || args.output.is_some();
        let digest = match (&decision, registry.into_image()) {
            (Decision::Skip(why), Some(digest)) if !asked => {
                session.ui.note(&format!("{}: nothing to do: {why}", made.title()));
                shared.renew(session, &BTreeMap::from([(made.key, digest.clone())]));
                for repository in &publish_to {
                    shared.client.copy_image(&shared.repository, &digest.clone().into(), repository, &[])?;
                }
                there += 1;
                Some(digest)
            }
            (Decision::Skip(why) | Decision::Build(why), _) => {
                session.ui.note(&format!("{}: {why}", made.title()));
                built += 1;
                build_one(session, args, &shared, &made, &publish_to)?
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

/// All that is asked for.
fn selected<'a>(session: &'a Session, args: &BuildImage) -> Result<Vec<Made<'a>>> {
    let rows = select(&session.manifests.root_images, &args.names)
        .map_err(|error| Coded::Usage(error.to_string()))?;
    let mut found = Vec::new();
    for row in rows {
        for platform in platforms(session, args, row)? {
            found.push(Made::root(row, platform, &session.manifests, ENTRY_SOURCES)?);
        }
    }
    Ok(found)
}

/// The platforms that are asked for; without a word about them, this machine's, or all in a list.
fn platforms(session: &Session, args: &BuildImage, image: &RootImage) -> Result<Vec<Platform>> {
    if args.images.list && args.platform.is_empty() {
        return Ok(image.platforms.clone());
    }
    let here = Platform { os: Os::Linux, arch: session.host.platform.arch };
    let wanted = if args.platform.is_empty() { vec![here] } else { args.platform.clone() };
    let (made, other): (Vec<Platform>, Vec<Platform>) =
        wanted.into_iter().partition(|platform| image.platforms.contains(platform));
    if let Some(other) = other.first() {
        let known: Vec<&str> = image.platforms.iter().map(|platform| platform.as_str()).collect();
        let known = known.join(", ");
        let text = format!("root image `{}` is not made for {other}; it is made for {known}", image.name);
        if args.names.is_empty() {
            session.ui.note(&format!("passing over {}: it is made for {known}", image.name));
        } else {
            return Err(Coded::Usage(format!("{text}: name one with --platform")).into());
        }
    }
    Ok(made)
}

/// Builds one, and gives a pushed one the name that keeps it: an image without any tag is soon collected.
fn build_one(
    session: &Session,
    args: &BuildImage,
    shared: &Shared,
    made: &Made<'_>,
    publish_to: &[Repository],
) -> Result<Option<ImageDigest>> {
    let options = &args.images;
    let writes = shared.push || shared.decision.cache.write;
    let buildx: Buildx = bake::find(session, options.buildx_builder.as_deref(), writes)?;
    buildx.builder.builds(made.platform()).map_err(|error| Coded::Missing(error.to_string()))?;
    let to = if let Some(file) = &args.output {
        ImageTo::File(camino::absolute_utf8(file)?)
    } else if args.load {
        ImageTo::Load(format!("localhost/root:{}", made.row_name()))
    } else if shared.push {
        let repositories = publish_to.iter().chain(Some(&shared.repository));
        ImageTo::Push(repositories.map(ToString::to_string).collect())
    } else {
        ImageTo::Nothing
    };
    let digest = build(session, shared, &buildx, made, &to, options.force)?;
    if let Some(digest) = &digest {
        shared.client.tag(&shared.repository, digest, &made.tag())?;
        shared.attest(session, &made.tag(), digest);
    }
    let what = match (&to, &digest) {
        (ImageTo::Load(name), _) => format!("loaded as {name}"),
        (ImageTo::File(file), _) => format!("written to {file}"),
        (_, Some(digest)) => format!("pushed {digest}, kept as {}", made.tag()),
        (_, None) => "built; it stays with the builder (--load, --output and --push take it)".to_owned(),
    };
    session.ui.note(&format!("{}: {what}", made.title()));
    Ok(digest)
}
