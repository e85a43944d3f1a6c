//! `ci cache-keys`: what a native job restores before it builds and saves after it.

use crate::cli::CacheKeys as Args;
use crate::commands::build_backend::{known, variant};
use crate::exit::Done;
use anyhow::{Context, Result};
use ci::cache::{Budget, CiCache, Job, RegistryCache, caches, digest, formulas, github, outputs};
use drive::session::Session;
use model::backend::{Backend, Recipe};
use model::oci::Repository;
use model::source::Upstream;
use model::unit::UnitId;
use model::variant::Variant;
use plan::published;

/// A cache with its two homes.
#[derive(serde::Serialize)]
struct Planned<'a> {
    #[serde(flatten)]
    cache: &'a CiCache,
    registry: RegistryCache,
}

/// Prints them, or appends them to the file that the CI service reads.
pub fn run(session: &Session, args: &Args) -> Result<Done> {
    let backend = known(session, &args.backend)?;
    let variant = variant(session, Some(backend), args.platform, args.variant.as_ref())?;
    let platform = args.platform;
    let unit = UnitId { backend: backend.name.clone(), variant: variant.name.clone(), platform };
    let plan = published::plan(&session.manifests, &session.host, &unit)?;
    let key = drive::make::measure(session, vec![plan])?;
    let key = &key.first().context("a plan has no key: a defect")?.key;
    let (source, requirements) = (source(session, backend), requirements(session, backend, variant)?);
    let floats = backend.recipe.floats_in(&variant.name);
    let lock = lock(session, backend)?;
    let budget = Budget::of(&session.manifests);
    if !budget.fits() {
        session.ui.warn(&format!(
            "the caches of all jobs for macOS come to {} MiB and GitHub keeps {}, dropping what was not used for the longest \
             time: publish fewer backends for macOS, or make CCACHE_MAXSIZE smaller",
            budget.total_mib(),
            Budget::limit_mib()
        ));
    }
    let home = session.scratch("caches")?;
    let job = Job {
        backend,
        variant,
        platform,
        image: args.image.as_deref().filter(|image| !image.is_empty()),
        source: source.as_deref(),
        key,
        requirements: requirements.as_deref(),
        lock: lock.as_deref(),
        wheels: budget.wheels,
        bucket: session.host.refresh.as_deref().filter(|_| floats),
        caches: home.as_str(),
    };
    let caches = caches(&job);
    if args.json || session.ui.json() {
        let repository: Repository = session.manifests.registry.cache.parse()?;
        let planned = |cache| Planned { registry: CiCache::in_registry(cache, &repository), cache };
        session.ui.data(&caches.iter().map(planned).collect::<Vec<_>>())?;
        return Ok(Done::Well);
    }
    let text = github(&outputs(&caches, &formulas(&backend.recipe, platform.arch)));
    ui::github::output(args.github_output.as_deref(), &text)?;
    Ok(Done::Well)
}

/// The version and content of what a C++ backend compiles.
fn source(session: &Session, backend: &Backend) -> Option<String> {
    let Recipe::Cmake(cmake) = &backend.recipe else { return None };
    let pin = session.manifests.pins.get(&cmake.source.as_ref()?.pin)?;
    let content = match &pin.upstream {
        Upstream::Git { commit, .. } => commit.to_string(),
        Upstream::GitTag { url, tag, .. } => digest(&format!("{url} {tag}")),
        Upstream::Archive { sha256, .. } | Upstream::Crate { sha256, .. } => sha256.to_string(),
    };
    Some(format!("{}-{content:.12}", pin.version))
}

/// The digest of the file that locks what Go or cargo download.
fn lock(session: &Session, backend: &Backend) -> Result<Option<String>> {
    let file = match &backend.recipe {
        Recipe::Go(_) => "go.sum",
        Recipe::Rust(_) => "Cargo.lock",
        Recipe::Cmake(_) | Recipe::Python(_) | Recipe::Script(_) => return Ok(None),
    };
    let file = session.root.join(&backend.dir).join(file);
    // A module that needs no other has none.
    Ok(if file.exists() { Some(digest(&fs_err::read_to_string(file)?)) } else { None })
}

/// The digest of all that says which Python packages are installed.
fn requirements(session: &Session, backend: &Backend, variant: &Variant) -> Result<Option<String>> {
    let Recipe::Python(python) = &backend.recipe else { return Ok(None) };
    let mut text = Vec::new();
    for (_, _, file) in python.requirements(&variant.name).named() {
        text.push(file.to_string());
        text.push(fs_err::read_to_string(session.root.join(&backend.dir).join(file))?);
    }
    Ok(Some(digest(&text.join("\n"))))
}
