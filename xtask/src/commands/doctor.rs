//! `doctor`: what this machine can build, and what is missing.

use super::build_backend::usage;
use crate::build;
use crate::cli::{CompilerCache, GrpcFrom, Realm, UnitOptions};
use crate::exit::Done;
use crate::session::{Session, cache_dir};
use anyhow::Result;
use exec::buildx::Buildx;
use plan::host::Privilege;
use std::collections::BTreeMap;

/// Says it, line by line; differs (exit code 4) when something is missing.
pub fn run(session: &Session) -> Result<Done> {
    let host = &session.host;
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
    session.ui.line(format_args!(
        "container {}",
        match exec::buildx::find(&session.search_path()?, None) {
            Ok(Buildx { version, builder, .. }) =>
                format!("docker buildx {version}, builder {} ({})", builder.name, builder.driver),
            Err(error) => format!("only native builds work: {error}"),
        }
    ));
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
        match plan::recipe::plan(session.catalog(), host, &session.request(name, &options))
            .map_err(|error| usage(&error))
        {
            Ok(plan) => plans.push(plan),
            Err(error) => session.ui.line(format_args!("backend   {name}: {error}")),
        }
    }
    let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for keyed in build::measure(session, plans)? {
        let name = keyed.plan.unit.backend.to_string();
        session.ui.line(format_args!(
            "backend   {name}: {}",
            if keyed.missing.is_empty() { "ready" } else { "needs tools, see below" }
        ));
        for fact in &keyed.missing {
            missing.entry(fact.name()).or_default().push(name.clone());
        }
    }
    for (tool, backends) in &missing {
        session.ui.line(format_args!("missing   {tool} (for {})", backends.join(", ")));
    }
    if missing.is_empty() {
        session.ui.done("everything is here");
        return Ok(Done::Well);
    }
    session
        .ui
        .done("`cargo xtask install-base-deps` installs what is missing; build-backend does it by itself");
    Ok(Done::Differs)
}
