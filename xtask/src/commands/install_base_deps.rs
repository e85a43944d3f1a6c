//! `install-base-deps`: what a builder holds, installed, shown or printed.

use super::build_backend::{known, usage, variant};
use crate::cli::{InstallBaseDeps, PrintForm};
use crate::exit::Done;
use anyhow::Result;
use drive::error::Coded;
use drive::make::install::{make_ready, needs};
use drive::make::{How, Options, build_all, mac};
use drive::session::Session;
use exec::install::pending;
use model::grpc::{Grpc, GrpcPin};
use model::platform::{Os, Platform};
use model::source::Pins;
use model::variant::Variant;
use plan::Plan;
use plan::recipe::grpc_unit;
use plan::request::CompilerCache;
use plan::shell::lines;
use plan::toolchain::{self, Family, InstallPlan, Request, brewfile, render_sh};
use std::time::Instant;
use ui::human;

/// Installs, shows or prints.
pub fn run(session: &Session, args: &InstallBaseDeps) -> Result<Done> {
    let began = Instant::now();
    let here = session.host.platform;
    let platform = args.platform.unwrap_or(here);
    let backend = args.backend.as_ref().map(|backend| known(session, backend)).transpose()?;
    let variant = variant(session, backend, platform, args.variant.as_ref())?;
    let families = match backend {
        Some(backend) => vec![Family::of_recipe(&backend.recipe, args.grpc.into())],
        None => vec![Family::Cpp(args.grpc.into()), Family::Golang, Family::Python],
    };
    let needs = |family| {
        if platform == here {
            needs(session, family, variant)
        } else {
            elsewhere(session.manifests.pinned(), platform, variant, family)
        }
    };
    let plans = match platform.os {
        Os::Darwin => vec![mac::needs(platform.arch, &families)?],
        Os::Linux => families.iter().copied().map(needs).collect::<Result<Vec<_>>>()?,
    };
    if let Some(form) = args.print {
        return print(&plans, platform, form);
    }
    if platform != here || session.captured().is_some() {
        let whose = match session.captured() {
            Some(_) => "the machine of --host is not this one".to_owned(),
            None => format!("this machine is {here}"),
        };
        let text = format!("{whose}: for {platform} there is `--print`, and nothing to install");
        return Err(Coded::Usage(text).into());
    }
    if args.dry_run {
        return show(session, &plans);
    }
    let (installed, _tools) =
        make_ready(session, &families.into_iter().map(|family| (family, variant)).collect::<Vec<_>>())?;
    let options = Options { force: args.no_cache, ..Options::of_machine(session)? };
    let built = build_all(session, units(session, &plans)?.into_iter().map(Into::into).collect(), &options)?;
    for unit in &built {
        unit.report(&session.ui);
    }
    let nothing = !installed && built.iter().all(|unit| unit.how == How::Fresh);
    let what = if nothing { "everything was there" } else { "this machine is ready" };
    session.ui.done(&format!("{what} for variant {} · {}", variant.name, human(began.elapsed())));
    Ok(Done::Well)
}

fn print(plans: &[InstallPlan], platform: Platform, form: PrintForm) -> Result<Done> {
    for plan in plans {
        match form {
            PrintForm::Sh => ui::print!("{}", render_sh(plan)),
            PrintForm::Brewfile if platform.os == Os::Darwin => ui::print!("{}", brewfile(plan.packages())),
            PrintForm::Brewfile => {
                let text = format!("{platform} has no Homebrew: `--print sh` prints its script");
                return Err(Coded::Usage(text).into());
            }
        }
    }
    Ok(Done::Well)
}

/// The plans of what is compiled rather than installed.
fn units(session: &Session, plans: &[InstallPlan]) -> Result<Vec<Plan>> {
    let (manifests, platform) = (&session.manifests, session.host.platform);
    let unit = |pin: &GrpcPin| {
        let unit = grpc_unit(manifests, *pin, platform, CompilerCache::Ccache);
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
            for line in step.lower().flat_map(|action| lines(&action, &plan.trees.directories())) {
                session.ui.line(format_args!("{line}"));
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

/// What the builder image of another platform holds.
fn elsewhere(pins: Pins<'_>, platform: Platform, variant: &Variant, family: Family) -> Result<InstallPlan> {
    let plan =
        Request::for_elsewhere(platform, variant, family).and_then(|request| toolchain::plan(&request, pins));
    plan.map_err(|error| Coded::Missing(error.to_string()).into())
}

/// Everything that the tests need: what every family builds with.
pub fn everything(session: &Session) -> Result<()> {
    let families = [Family::Cpp(Grpc::System), Family::Golang, Family::Python];
    let usual = variant(session, None, session.host.platform, None)?;
    make_ready(session, &families.map(|family| (family, usual))).map(drop)
}
