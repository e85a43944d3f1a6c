//! `doctor`: what this machine can build, and what is missing.

mod capture;
mod mac;
mod redact;
mod report;

use super::build_backend::usage;
use crate::cli::{CompilerCache, Doctor, GrpcFrom, Realm, UnitOptions};
use crate::exit::Done;
use anyhow::Result;
use drive::make::{self, Lacking, install};
use drive::session::{Session, cache_dir};
use exec::buildx::Buildx;
use exec::install::pending;
use exec::remote_cache::{self, Remote};
use model::host::Privilege;
use model::platform::Os;
use plan::Plan;
use std::collections::BTreeSet;
use std::slice;

/// Says it, line by line; differs (exit code 4) when something is missing.
pub fn run(session: &Session, args: &Doctor) -> Result<Done> {
    if args.capture {
        session.ui.line(format_args!("{}", capture::document(session)?));
        return Ok(Done::Well);
    }
    if args.report {
        session.ui.line(format_args!("{}", report::document(session)?));
        return Ok(Done::Well);
    }
    let host = &session.host;
    if host.platform.os == Os::Darwin {
        return mac::run(session);
    }
    let cache = cache_dir()?;
    session.ui.line(format_args!(
        "machine   {} · {} processors · {} MiB free memory",
        host.platform, host.cpus, host.memory_mib
    ));
    match host.distro {
        Some(distro) => session.ui.line(format_args!("system    {distro}")),
        None => session.ui.line(format_args!(
            "system    not one that install-base-deps knows; install the tools below by your own means"
        )),
    }
    session.ui.line(format_args!(
        "install   {}",
        match host.privilege {
            Privilege::Root => "as root",
            Privilege::Sudo => "through sudo",
            Privilege::None => "not possible: neither root nor sudo; commands are printed instead",
        }
    ));
    session.ui.line(format_args!("cache     {cache} · {} GiB free", exec::disk::free_bytes(&cache)? >> 30));
    let buildx = exec::buildx::find(&session.search_path()?, None);
    session.ui.line(format_args!(
        "container {}",
        match &buildx {
            Ok(Buildx { version, builder, .. }) =>
                format!("docker buildx {version}, builder {} ({})", builder.name, builder.driver),
            Err(error) => format!("only native builds work: {error}"),
        }
    ));
    shared_cache(session)?;
    let plans = plans(session);
    let units = make::measure(session, plans)?;
    for keyed in &units {
        let state =
            if Lacking::of(slice::from_ref(keyed)).is_empty() { "ready" } else { "needs tools, see below" };
        session.ui.line(format_args!("backend   {}: {state}", keyed.plan.unit.backend));
    }
    let lacking = Lacking::of(&units);
    for line in lacking.lines() {
        session.ui.line(format_args!("missing   {line}"));
    }
    if buildx.is_err() {
        session.ui.line(format_args!("missing   docker buildx (for all that is built in containers)"));
    }
    let mut installable = BTreeSet::new();
    for plan in install::plans(session, &units)? {
        installable.extend(pending(&plan)?.steps.into_iter().map(|step| step.id.to_string()));
    }
    session.ui.done(&match (lacking.is_empty(), &buildx) {
        _ if !installable.is_empty() => format!(
            "`cargo xtask install-base-deps` installs {}; build-backend does it by itself",
            installable.into_iter().collect::<Vec<_>>().join(", ")
        ),
        (true, Ok(_)) => "everything is here".to_owned(),
        (true, Err(_)) => "native builds have everything, container builds have no buildx".to_owned(),
        (false, _) => {
            "what is missing is nothing that install-base-deps installs: mend it by your own means".to_owned()
        }
    });
    Ok(if lacking.is_empty() && buildx.is_ok() { Done::Well } else { Done::Differs })
}

/// Whether the compiler cache answers that machines share. Builds do without it.
fn shared_cache(session: &Session) -> Result<()> {
    let row = session.manifests.compiler_cache.as_ref().filter(|_| session.captured().is_none());
    let Some(row) = row else { return Ok(()) };
    let login = make::login(session, &row.remote)?;
    let remote = Remote { place: row.remote.clone(), login, read_only: true };
    let state = match remote_cache::ask(&remote, make::PATIENCE) {
        Ok(()) if remote.place.server().is_none() => "is asked by sccache alone".to_owned(),
        Ok(()) => "answers".to_owned(),
        Err(silence) => format!("does not answer: {silence}"),
    };
    session.ui.line(format_args!("shared    the compiler cache {remote} {state}"));
    Ok(())
}

/// What this machine builds by default, of every backend; what it cannot is said.
fn plans(session: &Session) -> Vec<Plan> {
    let options = UnitOptions {
        variant: None,
        platform: None,
        flavor: Vec::new(),
        realm: Realm::Native,
        settings: Vec::new(),
        compiler_cache: CompilerCache::Ccache,
        grpc: GrpcFrom::System,
        published: false,
    };
    let mut plans = Vec::new();
    for name in session.manifests.backends.keys() {
        match plan::recipe::plan(&session.manifests, &session.host, &options.request(name, session.host.ci))
            .map_err(|error| usage(&error))
        {
            Ok(plan) => plans.push(plan),
            Err(error) => session.ui.line(format_args!("backend   {name}: {error}")),
        }
    }
    plans
}
