//! `build-backend`: plans, builds what is not cached, packages.

use crate::cli::{BuildBackend, OwnBuild};
use crate::exit::Done;
use crate::kept;
use anyhow::Result;
use ci::matrix;
use drive::container::Containers;
use drive::error::Coded;
use drive::make::{self, Built, How, Options, SharedChoice, Wanted};
use drive::session::Session;
use model::compiler_cache::RemoteCacheError;
use model::image_names::TagSuffix;
use model::name::{BackendName, VariantName};
use model::platform::Platform;
use model::variant::Variant;
use plan::Plan;
use plan::published;
use plan::recipe::{PlanError, find_backend, find_variant};
use plan::request::{RealmChoice, Request};
use std::time::Instant;
use ui::{Ui, human};

/// Builds the backends that were named.
pub fn run(session: &Session, args: &BuildBackend) -> Result<Done> {
    let began = Instant::now();
    let wanted = wanted(session, args)?;
    if args.output.is_some() && wanted.len() != 1 {
        return Err(Coded::Usage("--output takes exactly one backend".to_owned()).into());
    }
    let options = Options {
        jobs: args.jobs.unwrap_or(session.host.cpus).max(1),
        dry_run: args.dry_run,
        force: args.force,
        strict: args.strict || session.host.ci,
        timings: args.timings,
        shared_cache: shared_cache(args.shared_cache.as_deref())?,
        containers: Containers::of(session, &(&args.containers).into())?,
    };
    let built = make::build_all(session, wanted, &options)?;
    if args.load && !args.dry_run {
        built.iter().try_for_each(|unit| make::load(session, unit))?;
    }
    if let (Some(output), [unit], false) = (&args.output, built.as_slice(), args.dry_run) {
        make::export(session, unit, output)?;
    }
    let is_idle = args.output.is_none() && !args.load && !args.containers.push;
    if is_idle && built.iter().all(|unit| unit.how == How::Fresh) {
        kept::keep(session, &built);
    }
    report(&session.ui, &built, began);
    Ok(Done::Well)
}

/// Which compiler cache machines share. A text that is none is not repeated: it may hold a password.
fn shared_cache(text: Option<&str>) -> Result<SharedChoice> {
    match text {
        None => Ok(SharedChoice::OfManifest),
        Some("off") => Ok(SharedChoice::Off),
        Some(text) => text.parse().map(SharedChoice::At).map_err(|error: RemoteCacheError| {
            Coded::Usage(format!("--shared-cache: {error}; {}", RemoteCacheError::HELP)).into()
        }),
    }
}

fn wanted(session: &Session, args: &BuildBackend) -> Result<Vec<Wanted>> {
    if let Some(suffix) = &args.tag_suffix {
        return Ok(vec![row(session, suffix, args)?.into()]);
    }
    let one = |name| wanted_of(session, &args.unit.request(name, session.host.ci), args.own);
    if !args.all {
        return args.backends.iter().map(one).collect();
    }
    let mut wanted = Vec::new();
    for name in session.manifests.backends.keys() {
        match one(name) {
            Ok(one) => wanted.push(one),
            // With --all, what this machine or the options cannot build is passed over, and named.
            Err(error) => session.ui.note(&format!("passing over {name}: {error}")),
        }
    }
    Ok(wanted)
}

/// What a request wants: its plan, and how it is published where that will do. In CI it will not: its jobs make what others
/// take.
pub fn wanted_of(session: &Session, request: &Request, own: OwnBuild) -> Result<Wanted> {
    let plan = plan_of(session, request)?;
    let will_do = !own.build && !session.host.ci;
    let published = || published::instead(&session.manifests, &session.host, request);
    Ok(Wanted { plan, published: will_do.then(published).flatten() })
}

/// The plan of a row of the matrix: with all that the command line does not say as it is published.
fn row(session: &Session, suffix: &TagSuffix, args: &BuildBackend) -> Result<Plan> {
    let unit = matrix::find(&session.manifests, suffix, args.unit.platform)
        .map_err(|error| Coded::Usage(error.to_string()))?;
    let published = published::published(&unit);
    let typed = args.unit.request(&unit.backend, session.host.ci);
    let realm = if typed.realm == RealmChoice::Auto { published.realm } else { typed.realm };
    let request =
        Request { variant: published.variant, platform: published.platform, publish: true, realm, ..typed };
    plan_of(session, &request)
}

/// The plan of a request, with a planner's refusal as a usage error.
pub fn plan_of(session: &Session, request: &Request) -> Result<Plan> {
    plan::recipe::plan(&session.manifests, &session.host, request).map_err(|error| usage(&error))
}

/// A planner's refusal is an error of the command line.
pub fn usage(error: &PlanError) -> anyhow::Error {
    Coded::Usage(error.to_string()).into()
}

/// Says what came of all units.
pub fn report(ui: &Ui, built: &[Built], began: Instant) {
    let fresh = built.iter().filter(|unit| unit.how == How::Fresh).count();
    if built.len() > 1 && fresh == built.len() {
        return ui.done(&format!("nothing to do for {fresh} units · {}", human(began.elapsed())));
    }
    for unit in built {
        unit.report(ui);
    }
}

/// The backend of that name, or an error of the command line that suggests the nearest.
pub fn known<'a>(session: &'a Session, name: &BackendName) -> Result<&'a model::backend::Backend> {
    find_backend(&session.manifests, name).map_err(|error| usage(&error))
}

/// The variant that is meant on `platform`, of a backend or of all that there are.
pub fn variant<'a>(
    session: &'a Session,
    backend: Option<&'a model::backend::Backend>,
    platform: Platform,
    wanted: Option<&VariantName>,
) -> Result<&'a Variant> {
    find_variant(&session.manifests, backend, platform, wanted).map_err(|error| usage(&error.into()))
}
