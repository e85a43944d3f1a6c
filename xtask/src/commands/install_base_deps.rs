//! `install-base-deps`: what a builder holds, installed, shown or printed.

use super::build_backend::known;
use crate::build::install::{carry_out, family, needs};
use crate::cli::{InstallBaseDeps, PrintForm};
use crate::exit::Done;
use crate::session::Session;
use crate::ui::human;
use anyhow::Result;
use exec::install::pending;
use plan::deps::{Family, Grpc, InstallPlan, render_sh};
use std::time::Instant;

/// Installs, shows or prints.
pub fn run(session: &Session, args: &InstallBaseDeps) -> Result<Done> {
    let began = Instant::now();
    let families = match &args.backend {
        Some(backend) => vec![family(&known(session, backend)?.recipe)],
        None => vec![Family::Cpp(Grpc::System), Family::Golang, Family::Python],
    };
    let plans = families
        .into_iter()
        .map(|family| needs(session, family, &args.variant))
        .collect::<Result<Vec<_>>>()?;
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
    let what = if installed == 0 { "everything was there" } else { "this machine is ready" };
    session.ui.done(&format!("{what} for variant {} · {}", args.variant, human(began.elapsed())));
    Ok(Done::Well)
}

fn show(session: &Session, plans: &[InstallPlan]) -> Result<Done> {
    let mut steps = 0;
    for plan in plans {
        for step in pending(plan)?.steps {
            steps += 1;
            println!("# {}", step.id);
            for call in step.calls() {
                println!("{}", call.to_shell());
            }
        }
    }
    session.ui.done(&format!("{steps} steps would be run"));
    Ok(Done::Well)
}

/// Everything that the tests need: what every family builds with.
pub fn everything(session: &Session) -> Result<()> {
    for family in [Family::Cpp(Grpc::System), Family::Golang, Family::Python] {
        carry_out(session, &needs(session, family, &"cpu".parse()?)?)?;
    }
    exec::tools::link(&session.tools()?)?;
    Ok(())
}
