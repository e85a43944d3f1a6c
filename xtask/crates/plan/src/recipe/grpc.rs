//! gRPC as a unit of its own: C++ backends are compiled against the prefix that it installs.

use super::compiler_cache::through;
use super::{Context, PlanError, sealed};
use crate::grpc;
use crate::plan::{Dependency, Fact, Plan, TOOLCHAIN};
use crate::realm::Realm;
use crate::request::CompilerCache;
use crate::step::{Action, Step};
use camino::Utf8Path;
use model::arg::{Arg, Place};
use model::backend::Inputs;
use model::grpc::GrpcPin;
use model::macos::{DEPLOYMENT_TARGET, target_of};
use model::manifest::Manifests;
use model::platform::{Os, Platform};
use model::source::{Pin, Pins};
use model::unit::UnitId;
use std::collections::BTreeMap;

/// The unit that builds `pin`.
pub fn dependency(
    manifests: &Manifests,
    pin: GrpcPin,
    platform: Platform,
    cache: CompilerCache,
) -> Result<Dependency, PlanError> {
    let label = Context::label("grpc")?;
    let sources = grpc::sources(pin, manifests.pinned())?;
    let mut steps = grpc::steps(pin, platform.os, &sources)?;
    let target = target_of(platform, &manifests.macos);
    for Step { id, action } in &mut steps {
        if let Action::Run { cmd } = action {
            let mut sealed = cmd.clone();
            if id.as_str() == "configure" {
                sealed = sealed::on_host(sealed, platform);
            }
            if let Some(target) = &target {
                sealed = sealed.env(DEPLOYMENT_TARGET, target.as_str());
            }
            *cmd = through(sealed, cache, platform.os, &label);
        }
    }
    let plan = Plan {
        unit: UnitId { backend: label.as_str().parse()?, variant: pin.as_str().parse()?, platform },
        flavors: Vec::new(),
        // An image holds its gRPC already: the unit exists on hosts alone.
        realm: Realm::Native,
        reason: "C++ backends are compiled against it".to_owned(),
        inputs: Inputs { include: Vec::new(), exclude: Vec::new(), generated: Vec::new() },
        pins: sources.into_iter().cloned().collect(),
        facts: facts(pin, platform.os),
        steps,
        disk_mib: 3000,
        package: None,
        deps: Vec::new(),
        refresh: None,
        cpu: None,
        tests: Vec::new(),
        settings: BTreeMap::new(),
    };
    Ok(Dependency { label, grpc: pin, plan })
}

/// Component → licence file, for packages that link what the prefix of `dependency` holds.
pub(super) fn linked_licenses(dependency: &Dependency) -> Vec<(String, Arg)> {
    below(&dependency.plan.pins.iter().collect::<Vec<_>>(), &Arg::place(Place::Dep(dependency.label.clone())))
}

/// The same for what a base image holds.
pub(super) fn licenses_in_image(pins: Pins<'_>, pin: GrpcPin) -> Result<Vec<(String, Arg)>, PlanError> {
    Ok(below(&grpc::sources(pin, pins)?, &Arg::text(grpc::IMAGE_PREFIX)))
}

fn below(sources: &[&Pin], prefix: &Arg) -> Vec<(String, Arg)> {
    let component = |pin: &Pin, file: &Utf8Path| match file.parent() {
        Some(dir) if dir != "" => format!("{}/{dir}", pin.name),
        _ => pin.name.to_string(),
    };
    grpc::licenses(sources)
        .map(|(pin, file)| (component(pin, file), prefix.clone().then(grpc::license(&pin.name, file))))
        .collect()
}

fn facts(pin: GrpcPin, os: Os) -> Vec<Fact> {
    if os == Os::Darwin {
        let tools = ["cc", "c++", "xcrun", "cmake"].map(|tool| Fact::Tool(tool.to_owned()));
        let openssl = (pin == GrpcPin::Registry).then(|| Fact::Formula("openssl@3".to_owned()));
        return tools.into_iter().chain(openssl).collect();
    }
    let tools = ["cc", "c++", "ld", "cmake"].map(|tool| Fact::Tool(tool.to_owned()));
    let mut packages = TOOLCHAIN.to_vec();
    if pin == GrpcPin::Registry {
        packages.extend(["libssl-dev", "zlib1g-dev"]);
    }
    tools.into_iter().chain(packages.into_iter().map(|name| Fact::Package(name.to_owned()))).collect()
}
