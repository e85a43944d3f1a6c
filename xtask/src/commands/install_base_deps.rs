//! `install-base-deps`: what a builder holds, installed, shown or printed.

use super::build_backend::{known, usage};
use crate::build::install::{carry_out, needs};
use crate::build::{How, Options, build_all};
use crate::cli::{InstallBaseDeps, PrintForm};
use crate::exit::Done;
use crate::session::Session;
use crate::ui::human;
use anyhow::{Context, Result};
use exec::install::pending;
use plan::deps::grpc::GrpcPin;
use plan::deps::{Family, Grpc, InstallPlan, render_sh};
use plan::name::VariantName;
use plan::plan::Plan;
use plan::recipe::grpc_unit;
use plan::request::CompilerCache;
use std::time::Instant;

/// Installs, shows or prints.
pub fn run(session: &Session, args: &InstallBaseDeps) -> Result<Done> {
    let began = Instant::now();
    let families = match &args.backend {
        Some(backend) => vec![known(session, backend)?.recipe.family(args.grpc.into())],
        None => vec![Family::Cpp(args.grpc.into()), Family::Golang, Family::Python],
    };
    let variant = match &args.variant {
        Some(variant) => variant,
        None => usual(session)?,
    };
    let plans =
        families.into_iter().map(|family| needs(session, family, variant)).collect::<Result<Vec<_>>>()?;
    if let Some(PrintForm::Sh) = args.print {
        for plan in &plans {
            print!("{}", render_sh(plan));
        }
        return Ok(Done::Well);
    }
    if args.dry_run {
        return show(session, &plans);
    }
    let mut installed = 0;
    for plan in &plans {
        installed += usize::from(carry_out(session, plan)?);
    }
    exec::tools::link(&session.tools()?)?;
    let options = Options { force: args.no_cache, ..Options::of_machine(session)? };
    let built = build_all(session, units(session, &plans)?, &options)?;
    for unit in &built {
        unit.report(&session.ui);
    }
    let nothing = installed == 0 && built.iter().all(|unit| unit.how == How::Fresh);
    let what = if nothing { "everything was there" } else { "this machine is ready" };
    session.ui.done(&format!("{what} for variant {variant} · {}", human(began.elapsed())));
    Ok(Done::Well)
}

/// The plans of what is compiled rather than installed.
fn units(session: &Session, plans: &[InstallPlan]) -> Result<Vec<Plan>> {
    let (pins, platform) = (&session.manifests.pins, session.host.platform);
    let unit = |pin: &GrpcPin| {
        let unit = grpc_unit(pins, *pin, platform, CompilerCache::Ccache);
        unit.map(|dependency| dependency.plan).map_err(|error| usage(&error))
    };
    plans.iter().flat_map(|plan| &plan.units).map(unit).collect()
}

fn show(session: &Session, plans: &[InstallPlan]) -> Result<Done> {
    let mut steps = 0;
    for plan in plans {
        for step in pending(plan)?.steps {
            steps += 1;
            session.ui.line(format_args!("# {}", step.id));
            for call in step.calls() {
                session.ui.line(format_args!("{}", call.to_shell()));
            }
        }
    }
    for unit in units(session, plans)? {
        steps += 1;
        session.ui.line(format_args!("# {} is compiled, unless it is cached", unit.unit));
    }
    session.ui.done(&format!("{steps} steps would be run"));
    Ok(Done::Well)
}

/// What is built here when no variant is named.
fn usual(session: &Session) -> Result<&VariantName> {
    let platform = session.host.platform;
    let usual = session.manifests.defaults.get(&platform);
    usual.with_context(|| format!("backend/variants.yaml has no default for {platform}: a defect"))
}

/// Everything that the tests need: what every family builds with.
pub fn everything(session: &Session) -> Result<()> {
    for family in [Family::Cpp(Grpc::System), Family::Golang, Family::Python] {
        carry_out(session, &needs(session, family, usual(session)?)?)?;
    }
    exec::tools::link(&session.tools()?)?;
    Ok(())
}
