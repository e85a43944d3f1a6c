//! gRPC as a unit of its own: C++ backends are compiled against the prefix that it installs.

use super::compiler_cache::through;
use super::{Context, PlanError, sealed};
use crate::cmd::Cmd;
use crate::plan::{Dependency, Fact, Plan, TOOLCHAIN};
use crate::realm::Realm;
use crate::request::CompilerCache;
use crate::step::{Action, Step, Weight};
use crate::toolchain::grpc;
use camino::Utf8Path;
use model::arg::{Arg, Place};
use model::backend::Inputs;
use model::grpc::GrpcPin;
use model::platform::Platform;
use model::source::{Pin, Pins};
use model::unit::UnitId;
use std::collections::BTreeMap;

/// The unit that builds `pin`.
pub fn dependency(
    pins: Pins<'_>,
    pin: GrpcPin,
    platform: Platform,
    cache: CompilerCache,
) -> Result<Dependency, PlanError> {
    let label = Context::label("grpc")?;
    let pins = pins_of(pins, pin)?;
    let mut steps = grpc::steps(pin)?;
    for step in &mut steps {
        if let Action::Run { cmd } = &mut step.action {
            let cmd_of = |cmd: &Cmd| {
                if step.id.as_str() == "configure" { sealed::on_host(cmd.clone()) } else { cmd.clone() }
            };
            *cmd = through(cmd_of(cmd), cache, &label);
        }
    }
    for (pin, file) in licenses(&pins) {
        let number = steps.len();
        steps.push(Step {
            id: Context::label(&format!("license-{number}"))?,
            action: Action::Copy {
                from: Arg::place(Place::Source(pin.name.clone())).then(format!("/{file}")),
                matching: Vec::new(),
                to: Arg::place(Place::Out).then(grpc::license(&pin.name, file)),
            },
            weight: Weight::Light,
        });
    }
    let plan = Plan {
        unit: UnitId { backend: label.as_str().parse()?, variant: pin.as_str().parse()?, platform },
        flavors: Vec::new(),
        // An image holds its gRPC already: the unit exists on hosts alone.
        realm: Realm::Native,
        reason: "C++ backends are compiled against it".to_owned(),
        inputs: Inputs { include: Vec::new(), exclude: Vec::new(), generated: Vec::new() },
        pins,
        facts: facts(pin),
        steps,
        disk_mib: 3000,
        package: None,
        deps: Vec::new(),
        refresh: None,
        cpu: None,
        settings: BTreeMap::new(),
    };
    Ok(Dependency { label, grpc: pin, plan })
}

fn pins_of(pins: Pins<'_>, pin: GrpcPin) -> Result<Vec<Pin>, PlanError> {
    grpc::pins(pin).into_iter().map(|name| Ok(pins.source(name)?.clone())).collect()
}

/// Component → licence file, for packages that link what the prefix of `dependency` holds.
pub(super) fn linked_licenses(dependency: &Dependency) -> Vec<(String, Arg)> {
    below(&dependency.plan.pins, &Arg::place(Place::Dep(dependency.label.clone())))
}

/// The same for what a base image holds.
pub(super) fn licenses_in_image(pins: Pins<'_>, pin: GrpcPin) -> Result<Vec<(String, Arg)>, PlanError> {
    Ok(below(&pins_of(pins, pin)?, &Arg::text(grpc::IMAGE_PREFIX)))
}

fn below(pins: &[Pin], prefix: &Arg) -> Vec<(String, Arg)> {
    let component = |pin: &Pin, file: &Utf8Path| match file.parent() {
        Some(dir) if dir != "" => format!("{}/{dir}", pin.name),
        _ => pin.name.to_string(),
    };
    licenses(pins)
        .map(|(pin, file)| (component(pin, file), prefix.clone().then(grpc::license(&pin.name, file))))
        .collect()
}

fn licenses(pins: &[Pin]) -> impl Iterator<Item = (&Pin, &Utf8Path)> {
    pins.iter().flat_map(|pin| pin.license_files.iter().map(move |file| (pin, &**file)))
}

fn facts(pin: GrpcPin) -> Vec<Fact> {
    let tools = ["cc", "c++", "ld", "cmake"].map(|tool| Fact::Tool(tool.to_owned()));
    let mut packages = TOOLCHAIN.to_vec();
    if pin == GrpcPin::Registry {
        packages.extend(["libssl-dev", "zlib1g-dev"]);
    }
    tools.into_iter().chain(packages.into_iter().map(|name| Fact::Package(name.to_owned()))).collect()
}
