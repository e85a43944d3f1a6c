//! What a manifest adds to any family's build: trees of sources in the staged tree, and packages.

use super::{Context, Parts, PlanError};
use crate::plan::Fact;
use crate::step::{Action, Step};
use crate::toolchain::apt_install;
use model::arg::{Arg, Place};
use model::staged::{DebianPackage, Placed};

/// The parts of a recipe with what the backend's `place`, `build-packages` and `system-packages` say.
pub(super) fn with_own(context: &Context<'_>, parts: Parts) -> Result<Parts, PlanError> {
    let mut parts = parts;
    let packages = &context.backend.build_packages;
    let wanted: Vec<&str> = packages.apt.iter().map(DebianPackage::as_str).collect();
    let mut steps = Vec::new();
    if context.in_container() && !wanted.is_empty() {
        for (index, action) in apt_install(&wanted).into_iter().enumerate() {
            steps.push(Context::step(&format!("packages-{}", index + 1), action)?);
        }
    }
    if context.is_mac() {
        parts.facts.extend(packages.brew.iter().map(|name| Fact::Formula(name.to_string())));
    } else {
        let packed = context.backend.package.system_packages.iter().map(String::as_str);
        parts.facts.extend(wanted.iter().copied().chain(packed).map(|name| Fact::Package(name.to_owned())));
    }
    for step in std::mem::take(&mut parts.steps) {
        let into = match &step.action {
            Action::Stage { into } => Some(into.clone()),
            _ => None,
        };
        steps.push(step);
        let Some(into) = into else { continue };
        for placed in &context.backend.place {
            steps.extend(place(placed, &into)?);
        }
    }
    for placed in &context.backend.place {
        let Some(pin) = context.pins.get(&placed.source) else { continue };
        for file in &pin.license_files {
            let file = Arg::place(Place::Source(pin.name.clone())).then(format!("/{file}"));
            let license = (pin.name.to_string(), file);
            // C++ has those of all its sources.
            if !parts.package.licenses.contains(&license) {
                parts.package.licenses.push(license);
            }
        }
    }
    Ok(Parts { steps, ..parts })
}

fn place(placed: &Placed, into: &Arg) -> Result<[Step; 2], PlanError> {
    let Placed { source, at } = placed;
    let to = into.clone().then(format!("/{at}"));
    let tree = Action::Tree { from: Place::Source(source.clone()).into(), to };
    Ok([
        Context::step(&format!("fetch-{source}"), Action::Fetch { pin: source.clone() })?,
        Context::step(&format!("place-{source}"), tree)?,
    ])
}
