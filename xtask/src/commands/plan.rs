//! `plan`: the ordered steps of a unit; touches nothing.

use super::build_backend::usage;
use crate::cli::PlanArgs;
use crate::exit::Done;
use crate::session::Session;
use anyhow::Result;
use plan::plan::Plan;

/// Prints the plan.
pub fn run(session: &Session, args: &PlanArgs) -> Result<Done> {
    let request = session.request(&args.selection.backend, &args.selection.unit);
    let plan =
        plan::recipe::plan(session.catalog(), &session.host, &request).map_err(|error| usage(&error))?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&plan)?);
    } else {
        print(&plan);
    }
    Ok(Done::Well)
}

fn print(plan: &Plan) {
    println!("{}", plan.unit);
    println!("realm    {:?}: {}", plan.realm, plan.reason);
    let flavors: Vec<&str> = plan.flavors.iter().map(|flavor| flavor.as_str()).collect();
    if !flavors.is_empty() {
        println!("flavors  {}", flavors.join(", "));
    }
    for glob in &plan.inputs.include {
        println!("input    {glob}");
    }
    for glob in &plan.inputs.exclude {
        println!("except   {glob}");
    }
    for pin in &plan.pins {
        println!("source   {} {}", pin.name, pin.version);
    }
    for fact in &plan.facts {
        println!("needs    {}", fact.name());
    }
    for step in &plan.steps {
        println!("step     {:<18} {}", step.id, step.action);
    }
    for dep in &plan.deps {
        println!("first    {}", dep.plan.unit);
    }
    for program in plan.package.iter().flat_map(|package| &package.programs) {
        println!("output   {}", program.path);
    }
}
