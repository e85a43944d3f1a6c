//! `plan`: the ordered steps of a unit; touches nothing.

use super::build_backend::usage;
use crate::cli::PlanArgs;
use crate::exit::Done;
use crate::session::Session;
use crate::ui::Ui;
use anyhow::Result;
use plan::plan::Plan;

/// Prints the plan.
pub fn run(session: &Session, args: &PlanArgs) -> Result<Done> {
    let request = session.request(&args.selection.backend, &args.selection.unit);
    let plan =
        plan::recipe::plan(session.catalog(), &session.host, &request).map_err(|error| usage(&error))?;
    if args.json || session.ui.json() {
        session.ui.data(&plan)?;
    } else {
        print(&session.ui, &plan);
    }
    Ok(Done::Well)
}

fn print(ui: &Ui, plan: &Plan) {
    ui.line(format_args!("{}", plan.unit));
    ui.line(format_args!("realm    {:?}: {}", plan.realm, plan.reason));
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
        ui.line(format_args!("step     {:<18} {}", step.id, step.action));
    }
    for dep in &plan.deps {
        ui.line(format_args!("first    {}", dep.plan.unit));
    }
    for program in plan.package.iter().flat_map(|package| &package.programs) {
        ui.line(format_args!("output   {}", program.path));
    }
}
