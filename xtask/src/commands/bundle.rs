//! `bundle`: packages in one file, and out of it.

use super::build_backend::known;
use crate::cli::Bundle as Args;
use crate::exit::Done;
use anyhow::Result;
use camino::Utf8Path;
use drive::bundle::{self, Bundle, Image, PLACE};
use drive::error::Coded;
use drive::registries;
use drive::session::Session;
use model::event::{Event, Publish, decide};
use model::name::{BackendName, VariantName};
use model::oci::{Repository, Tag};
use model::platform::Platform;
use model::unit::UnitId;
use plan::published::units_of;
use serde_json::json;

/// Makes, verifies or empties a bundle.
pub fn run(session: &Session, args: &Args) -> Result<Done> {
    match (&args.output, &args.verify, &args.from) {
        (Some(output), ..) => make(session, args, output),
        (_, Some(file), _) => verify(session, args, file),
        (.., Some(file)) => take_out(session, args, file),
        (None, None, None) => Err(Coded::Usage("nothing to do with a bundle: see --help".to_owned()).into()),
    }
}

fn make(session: &Session, args: &Args, output: &Utf8Path) -> Result<Done> {
    let (units, client) = (units(session, args)?, registries::client());
    let usual = || registries::repository(&session.manifests.registry.cache);
    let repository = args.registry.clone().map_or_else(usual, Ok)?;
    let found = bundle::find(session, &units, &client, &repository)?;
    if args.json || session.ui.json() {
        let listed =
            found.iter().map(|found| json!({ "unit": found.unit, "key": found.key, "from": found.place() }));
        session.ui.data(&listed.collect::<Vec<_>>())?;
    } else {
        for found in &found {
            session.ui.note(&format!("{} · key {} from {}", found.unit, found.key.short(), found.place()));
        }
    }
    let count = found.len();
    if args.dry_run {
        session.ui.done(&format!("{output} would hold {count} packages"));
        return Ok(Done::Well);
    }
    let digest = bundle::write(session, &found, &client, &repository, output)?;
    session.ui.done(&format!("{output} holds {count} packages · {digest}"));
    Ok(Done::Well)
}

/// The units that are asked for; a backend that has none of them is a mistake.
fn units(session: &Session, args: &Args) -> Result<Vec<UnitId>> {
    let all: Vec<BackendName> = session.manifests.backends.keys().cloned().collect();
    let names = if args.all { &all } else { &args.backends };
    if names.is_empty() {
        return Err(Coded::Usage("name the backends of the bundle, or say --all".to_owned()).into());
    }
    let here = [session.host.platform];
    let platforms: &[Platform] = if args.platform.is_empty() { &here } else { &args.platform };
    let defaults = &session.manifests.defaults;
    let is_wanted = |unit: &UnitId| {
        let is_usual = |variant: &VariantName| defaults.get(&unit.platform) == Some(variant);
        let variant = if args.variant.is_empty() {
            is_usual(&unit.variant)
        } else {
            args.variant.contains(&unit.variant)
        };
        platforms.contains(&unit.platform) && variant
    };
    let mut units = Vec::new();
    for name in names {
        let before = units.len();
        units.extend(units_of(known(session, name)?).filter(|unit| is_wanted(unit)));
        if units.len() == before && !args.all {
            let text =
                format!("{name} is not published in that variant for that platform: see `cargo xtask list`");
            return Err(Coded::Usage(text).into());
        }
    }
    Ok(units)
}

fn verify(session: &Session, args: &Args, file: &Utf8Path) -> Result<Done> {
    let bundle = Bundle::open(session, file)?;
    bundle.verify()?;
    let packages: Vec<_> = bundle
        .images
        .iter()
        .flat_map(|image| image.legs.iter().map(|leg| (&image.name, leg.platform, leg.key)))
        .collect();
    if args.json || session.ui.json() {
        let listed = packages
            .iter()
            .map(|(name, platform, key)| json!({ "name": name, "platform": platform, "key": key }));
        session.ui.data(&json!({ "digest": bundle.digest, "packages": listed.collect::<Vec<_>>() }))?;
    } else {
        for (name, platform, key) in &packages {
            session.ui.line(format_args!("{name} · {platform} · key {key}"));
        }
    }
    session.ui.done(&format!("{file} is whole: {} packages, all sound · {}", packages.len(), bundle.digest));
    Ok(Done::Well)
}

fn take_out(session: &Session, args: &Args, file: &Utf8Path) -> Result<Done> {
    let bundle = Bundle::open(session, file)?;
    let images = chosen(&bundle, &args.backends)?;
    if let Some(into) = &args.into {
        return install(session, args, &bundle, &images, into);
    }
    let Some(to) = &args.push else {
        return Err(Coded::Usage("say --into DIR or --push REPOSITORY".to_owned()).into());
    };
    let decision = decide(&Event::read(&exec::event::capture()), true);
    if decision.publish != Publish::Released {
        session.ui.done(&format!("nothing is pushed ({})", decision.reason));
        return Ok(Done::Well);
    }
    push(session, args, &bundle, &images, to)
}

/// The images of these backends, or all.
fn chosen<'b>(bundle: &'b Bundle, backends: &[BackendName]) -> Result<Vec<&'b Image>> {
    let is_of = |image: &&Image, backend: &BackendName| image.alias == *backend || image.name == *backend;
    if let Some(absent) = backends.iter().find(|name| !bundle.images.iter().any(|image| is_of(&image, name)))
    {
        let there: Vec<&str> = bundle.images.iter().map(|image| image.name.as_str()).collect();
        let text = format!("{absent} is not in the bundle: it holds {}", there.join(", "));
        return Err(Coded::Usage(text).into());
    }
    let is_wanted = |image: &&Image| backends.is_empty() || backends.iter().any(|name| is_of(image, name));
    Ok(bundle.images.iter().filter(is_wanted).collect())
}

fn install(
    session: &Session,
    args: &Args,
    bundle: &Bundle,
    images: &[&Image],
    into: &Utf8Path,
) -> Result<Done> {
    let platform = match args.platform.as_slice() {
        [] => session.host.platform,
        [platform] => *platform,
        _ => return Err(Coded::Usage("--into takes one --platform".to_owned()).into()),
    };
    let installed = bundle::install(session, bundle, images, platform, into)?;
    if installed.is_empty() {
        return Err(Coded::Usage(format!("the bundle holds nothing of that for {platform}")).into());
    }
    if args.json || session.ui.json() {
        session.ui.data(&installed)?;
    }
    for of in &installed {
        session.ui.note(&format!("{} is {} in {}", of.alias, of.name, of.path));
    }
    session.ui.done(&format!("installed {} packages for {platform} into {into}", installed.len()));
    Ok(Done::Well)
}

fn push(session: &Session, args: &Args, bundle: &Bundle, images: &[&Image], to: &Repository) -> Result<Done> {
    bundle.verify()?;
    let client = registries::client();
    for image in images {
        let tag: Tag = format!("{}{}", args.tag, image.suffix())
            .parse()
            .map_err(|error| Coded::Usage(format!("--tag {}: {error}", args.tag)))?;
        bundle::push(&client, bundle, image, to, &tag)?;
        session.ui.note(&format!("{to}:{tag}"));
    }
    if let Some(file) = &args.gallery {
        let old = format!("oci://{PLACE}:{}", bundle::NAME);
        let new = format!("oci://{}/{}:{}", to.host(), to.path(), args.tag);
        fs_err::write(file, bundle.gallery.replace(&old, &new))?;
        session.ui.note(&format!("{file} lists what the bundle holds, in {to}"));
    }
    session.ui.done(&format!("pushed {} images to {to}", images.len()));
    Ok(Done::Well)
}
