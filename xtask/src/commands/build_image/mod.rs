//! `build-image`: root images, which carry a toolkit's runtime libraries and start any packaged backend.

use crate::bake;
use crate::cli::BuildImage;
use crate::exit::{Coded, Done};
use crate::images::{Contexts, ENTRY_SOURCES, Job, Shared, ensure_entry, print_table};
use crate::registries;
use crate::session::Session;
use crate::ui::human;
use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use exec::buildx::Buildx;
use plan::bases::{Decision, Presence, decide};
use plan::container::Ground;
use plan::key::Key;
use plan::lower::{RootBuild, RootTo};
use plan::names::CacheTag;
use plan::oci::{ImageDigest, Repository, Tag};
use plan::platform::{Os, Platform};
use plan::root_image::{RootDoc, RootImage, select};
use std::time::Instant;

/// One platform of a root image.
struct Leg<'a> {
    image: &'a RootImage,
    ground: Ground,
    key: Key,
    registry: Presence,
    decision: Decision,
    digest: Option<ImageDigest>,
}

/// Lists, shows or builds.
pub fn run(session: &Session, args: &BuildImage) -> Result<Done> {
    let began = Instant::now();
    let options = &args.images;
    let shared = Shared::open(session, options.registry.as_ref(), options.push)?;
    let legs = legs(session, args, &shared)?;
    if options.list || options.dry_run {
        show(session, args, &legs)?;
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

impl Leg<'_> {
    fn platform(&self) -> Platform {
        self.ground.platform
    }

    fn title(&self) -> String {
        format!("root image {} for {}", self.image.name, self.platform())
    }

    fn tag(&self) -> Tag {
        CacheTag::Image(self.key.clone()).tag()
    }
}

fn legs<'a>(session: &'a Session, args: &BuildImage, shared: &Shared) -> Result<Vec<Leg<'a>>> {
    let images = select(&session.manifests.root_images, &args.names)
        .map_err(|error| Coded::Usage(error.to_string()))?;
    let file = session.root.join("docker/Dockerfile.root");
    let dockerfile =
        fs_err::read_to_string(&file).context("root images are made by this file of the checkout")?;
    let mut found = Vec::new();
    for image in images {
        for platform in platforms(session, args, image)? {
            let ground = image.ground(platform)?;
            let key = RootDoc::new(&ground, &dockerfile, ENTRY_SOURCES).key()?;
            found.push((image, ground, key));
        }
    }
    let tag = |key: &Key| CacheTag::Image(key.clone()).tag();
    let tags: Vec<Tag> = found.iter().map(|(_, _, key)| tag(key)).collect();
    let present = shared.present(session, &tags)?;
    let leg = |(image, ground, key): (&'a RootImage, Ground, Key)| {
        let (registry, digest) = (present.of(&tag(&key)), present.digest(&tag(&key)).cloned());
        let decision = decide(&format!("img-{}", key.short()), &registry, args.images.force);
        Leg { image, ground, key, registry, decision, digest }
    };
    Ok(found.into_iter().map(leg).collect())
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

fn show(session: &Session, args: &BuildImage, legs: &[Leg<'_>]) -> Result<()> {
    let ui = &session.ui;
    if args.images.json || ui.json() {
        let told = |leg: &Leg<'_>| {
            serde_json::json!({
                "image": leg.image, "platform": leg.platform(), "key": leg.key, "registry": leg.registry,
                "decision": leg.decision, "layers": layers(leg), "artifact": artifact(leg),
            })
        };
        return Ok(ui.data(&legs.iter().map(told).collect::<Vec<_>>())?);
    }
    if args.images.dry_run {
        for leg in legs {
            let (verb, why) = match &leg.decision {
                Decision::Build(why) => ("would be built", why),
                Decision::Skip(why) => ("would be skipped", why),
            };
            ui.line(format_args!("{}: {verb}: {why}", leg.title()));
        }
        return Ok(());
    }
    let line = |leg: &Leg<'_>| {
        let there = match leg.registry {
            Presence::Present => "has it",
            Presence::Absent => "lacks it",
            Presence::Unknown(_) => "unknown",
        };
        [
            leg.image.name.to_string(),
            leg.image.published().suffix().to_owned(),
            leg.platform().to_string(),
            leg.image.image.clone(),
            leg.image.toolkit.to_string(),
            leg.image.cuda.map_or("-".to_owned(), |cuda| cuda.to_string()),
            leg.image.distro.to_string(),
            leg.key.short().to_owned(),
            there.to_owned(),
        ]
    };
    let headings =
        ["image", "tag suffix", "platform", "from", "toolkit", "CUDA", "distribution", "key", "registry"];
    print_table(ui, headings, &legs.iter().map(line).collect::<Vec<_>>());
    Ok(())
}

fn layers(leg: &Leg<'_>) -> Tag {
    leg.image.published().layers(leg.image.platform_tag(leg.platform()))
}

fn artifact(leg: &Leg<'_>) -> String {
    leg.image.published().artifact(leg.image.platform_tag(leg.platform())).to_string()
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
    let dockerfile = session.root.join("docker/Dockerfile.root");
    let build = RootBuild {
        image: leg.image,
        ground: &leg.ground,
        key: &leg.key,
        repository: &shared.repository,
        dockerfile: &dockerfile,
        steps: &contexts.file("steps", "install.sh", &leg.ground.install_sh())?,
        entry: &entry,
        to: &to,
        write_cache: shared.decision.cache.write,
        fresh: options.force,
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
