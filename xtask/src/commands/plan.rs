//! `plan`: the ordered steps of a unit, or the files of its container build.

use super::build_backend::usage;
use crate::cli::{PlanArgs, PlanScript};
use crate::exit::Done;
use anyhow::Result;
use drive::container::{self, Containers};
use drive::error::Coded;
use drive::make::Options;
use drive::session::Session;
use model::host::Host;
use model::platform::Os;
use plan::Plan;
use plan::container::Container;
use plan::lower::{build_sh, prepare_sh};
use plan::published;
use plan::request::{RealmChoice, Request};
use plan::shell::Directories;
use ui::Ui;

/// Prints the plan.
pub fn run(session: &Session, args: &PlanArgs) -> Result<Done> {
    let request = args.selection.unit.request(&args.selection.backend, session.host.ci);
    let plan = plan::recipe::plan(&session.manifests, &machine(session, &request), &request);
    let plan = plan.map_err(|error| usage(&error))?;
    if let Some(script) = args.print {
        return script_of(&session.ui, &plan, script);
    }
    if args.bake {
        let mut options = Options::of_machine(session)?;
        options.containers = Containers::of(session, &(&args.containers).into())?;
        let file = container::bake_file(session, plan, &options, args.stage)?;
        session.ui.line(format_args!("{}", file.trim_end()));
        return Ok(Done::Well);
    }
    let asks = published::instead(&session.manifests, &session.host, &request)
        .filter(|_| !session.host.ci)
        .map(|_| {
            args.containers
                .registry
                .as_ref()
                .map_or(session.manifests.registry.cache.clone(), ToString::to_string)
        });
    if args.json || session.ui.json() {
        session.ui.data(&Shown { plan: &plan, asks: asks.as_deref() })?;
    } else {
        print(&session.ui, &plan, asks.as_deref());
    }
    Ok(Done::Well)
}

/// A plan, and which repository is asked for the published package before it is carried out.
#[derive(serde::Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    plan: &'a Plan,
    asks: Option<&'a str>,
}

/// A Mac of which nothing is known stands in where a unit can be built on a Mac alone, and this machine is none.
fn machine(session: &Session, request: &Request) -> Host {
    match request.platform {
        Some(platform) if platform.os == Os::Darwin && request.realm != RealmChoice::Container => {
            let is_one = session.host.platform == platform;
            if is_one { session.host.clone() } else { session.host.elsewhere(platform) }
        }
        _ => session.host.clone(),
    }
}

fn script_of(ui: &Ui, plan: &Plan, script: PlanScript) -> Result<Done> {
    let Some(container) = plan.realm.container() else {
        let text = format!("{} runs no script: it is built natively; add --realm container", plan.unit);
        return Err(Coded::Usage(text).into());
    };
    let text = match script {
        PlanScript::Build => {
            let at = Directories::default();
            prepare_sh(plan, &at).unwrap_or_default() + &build_sh(plan, &at)
        }
        PlanScript::Install => container.base.install_sh().to_owned(),
    };
    ui.line(format_args!("{}", text.trim_end()));
    Ok(Done::Well)
}

fn print(ui: &Ui, plan: &Plan, asks: Option<&str>) {
    ui.line(format_args!("{}", plan.unit));
    if let Some(repository) = asks {
        ui.line(format_args!("asks     {repository} for the published package, unless --build"));
    }
    ui.line(format_args!("realm    {}: {}", plan.realm.as_str(), plan.reason));
    if let Some(Container { base, builder, reason, image: _, template: _ }) = plan.realm.container() {
        ui.line(format_args!("base     {} on {}, key {}", base.name(), base.image, base.key().short()));
        ui.line(format_args!("builder  {}: {reason}", builder.as_str()));
    }
    if let Some(bucket) = &plan.refresh {
        ui.line(format_args!("floats   what it finds on the network is that of {bucket}"));
    }
    let flavors: Vec<&str> = plan.flavors.iter().map(|flavor| flavor.as_str()).collect();
    if !flavors.is_empty() {
        ui.line(format_args!("flavors  {}", flavors.join(", ")));
    }
    for glob in &plan.inputs.include {
        ui.line(format_args!("input    {glob}"));
    }
    for glob in &plan.inputs.exclude {
        ui.line(format_args!("except   {glob}"));
    }
    for pin in &plan.pins {
        ui.line(format_args!("source   {} {}", pin.name, pin.version));
    }
    for fact in &plan.facts {
        ui.line(format_args!("needs    {}", fact.name()));
    }
    for step in &plan.steps {
        let fence = step.action.cmds().iter().find_map(|cmd| cmd.fence);
        let fence = fence.map_or_else(String::new, |network| format!(" [fenced, network {network}]"));
        ui.line(format_args!("step     {:<18} {}{fence}", step.id, step.action));
    }
    for dep in &plan.deps {
        ui.line(format_args!("first    {}", dep.plan.unit));
    }
    for program in plan.package.iter().flat_map(|package| &package.programs) {
        ui.line(format_args!("output   {}", program.path));
    }
}
