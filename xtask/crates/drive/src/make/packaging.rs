//! From a plan's package rules and a unit's output to crate `pack`'s specification.

use super::{Keyed, apple};
use crate::session::Session;
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use exec::places::{Places, UnknownPlace};
use model::arg::{Arg, Place};
use model::backend::LICENSE;
use model::package::Package;
use pack::{Binary, Data, EnvHow, EnvRule, License, Manifest, PackageSpec};
use plan::shell::Directories;

/// Packs the unit's output into `to`, with the licence that is among its inputs.
pub fn pack(
    session: &Session,
    keyed: &Keyed,
    rules: &Package,
    places: &Places,
    inputs: &Utf8Path,
    to: &Utf8Path,
) -> Result<Manifest> {
    let spec = spec(keyed, rules, |arg| places.path(arg), inputs.join(LICENSE), Utf8Path::exists)?;
    let apple = apple::tools(session, keyed.plan.unit.platform);
    let finish = |package: &Utf8Path, signed: &[Utf8PathBuf]| match &apple {
        Some(tools) if !signed.is_empty() => tools.finish(package, signed),
        _ => Ok(()),
    };
    pack::pack_with(&spec, to, &finish).with_context(|| format!("cannot package {}", keyed.plan.unit))
}

/// The specification of a container unit's package, whose files come to be inside of the build; none for a unit that is
/// no package.
pub fn container(keyed: &Keyed) -> Result<Option<PackageSpec>> {
    let Some(rules) = &keyed.plan.package else { return Ok(None) };
    let at = Directories::default();
    spec(keyed, rules, |arg| Ok(at.text(arg).into()), "/steps/LICENSE".into(), |_| true).map(Some)
}

fn spec(
    keyed: &Keyed,
    rules: &Package,
    path: impl Fn(&Arg) -> Result<Utf8PathBuf, UnknownPlace>,
    license: Utf8PathBuf,
    is_there: impl Fn(&Utf8Path) -> bool,
) -> Result<PackageSpec> {
    let plan = &keyed.plan;
    let out = path(&Place::Out.into())?;
    let pins = plan.pins.iter().chain(plan.deps.iter().flat_map(|dep| &dep.plan.pins));
    let mut binaries = Vec::new();
    for program in &rules.programs {
        let from = out.join(&program.path);
        binaries.push(Binary {
            to: program.path.clone().into(),
            // A program that a data tree brings is already there.
            from: is_there(&from).then_some(from),
            if_env: program.when_env.clone(),
            start: true,
            args: program.args.clone(),
        });
    }
    for helper in &rules.helpers {
        binaries.push(Binary { start: false, ..Binary::new(helper.clone(), out.join(helper)) });
    }
    let library_tree = rules.libraries.as_ref().map(&path).transpose()?;
    let plugin_tree = rules.plugins.as_ref().map(&path).transpose()?;
    let mut data = Vec::new();
    for (from, to) in &rules.data {
        data.push(Data { from: path(from)?, to: to.clone().into() });
    }
    let mut licenses = Vec::new();
    for (component, file) in &rules.licenses {
        licenses.push(License {
            component: component.clone(),
            file: path(file)?,
            covers: rules.own_libraries.clone(),
        });
    }
    if let Some(dir) = &rules.license_tree {
        data.push(Data { from: path(dir)?, to: "licenses".into() });
    }
    // What is built of the repository's own files alone is under its licence.
    let covers = if rules.licenses.is_empty() { rules.own_libraries.clone() } else { Vec::new() };
    licenses.push(License { component: plan.unit.backend.to_string(), file: license, covers });
    let library_dirs = rules.library_dirs.iter().map(&path).collect::<Result<_, _>>()?;
    Ok(PackageSpec {
        name: plan.unit.backend.to_string(),
        variant: plan.unit.variant.to_string(),
        platform: plan.unit.platform,
        min_macos: rules.min_macos.as_ref().map(ToString::to_string),
        calls: rules.calls.clone(),
        key: keyed.key.to_string(),
        versions: pins.map(|pin| (pin.name.to_string(), pin.version.clone())).collect(),
        binaries,
        libraries: Vec::new(),
        library_tree,
        plugin_tree,
        vulkan_drivers: rules.vulkan_drivers.clone(),
        extra_libraries: rules.extra_libraries.clone(),
        host_libraries: Vec::new(),
        host_shell: rules.host_shell,
        library_dirs,
        data,
        env: environment(rules),
        licenses,
        links: rules.links.as_ref().map(&path).transpose()?,
    })
}

fn environment(rules: &Package) -> Vec<EnvRule> {
    let plain = rules.env.iter().map(|(name, value)| EnvRule {
        name: name.clone(),
        value: value.clone(),
        how: EnvHow::Default,
        if_exists: None,
        processor: None,
    });
    let told = rules.told.iter().map(|told| EnvRule {
        name: told.variable.clone(),
        value: format!("{{package}}/{}", told.path),
        how: EnvHow::Default,
        if_exists: Some(told.path.clone().into()),
        processor: told.processor,
    });
    let found = rules.env_if_exists.iter().flat_map(|(path, env)| {
        env.iter().map(|(name, value)| EnvRule {
            name: name.clone(),
            value: value.clone(),
            how: EnvHow::Default,
            if_exists: Some(path.as_str().into()),
            processor: None,
        })
    });
    plain.chain(found).chain(told).collect()
}
