//! What a Makefile builds with CMake, once or once a flavor: which options each build type, variant and flavor has.

use super::configured::{Called, Configuration, Configurations, HERE, Made, Options};
use super::shell::joined;
use camino::{Utf8Path, Utf8PathBuf};
use model::build_type::BuildType;
use model::flavor::Flavor;
use model::name::VariantName;
use model::platform::Os;
use std::collections::{BTreeMap, BTreeSet};

/// What a manifest says of an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Engine {
    /// From the repository's root.
    pub project: Utf8PathBuf,
    pub target: Option<String>,
    pub options: Options,
    pub build_types: BTreeMap<BuildType, Options>,
    pub by_variant: BTreeMap<VariantName, Options>,
    /// None is one configuration, whose libraries keep their names.
    pub flavors: BTreeMap<Flavor, Options>,
    /// The library's or the program's file in the build directory.
    pub product: String,
    /// Stems of others that come with it.
    pub beside: Vec<String>,
}

/// The engine of a Makefile in `dir` that is called for these; why it cannot be told.
pub(super) fn prove(
    text: &str,
    dir: &Utf8Path,
    calls: &[Called],
    made: Made,
) -> Result<Engine, &'static str> {
    let mut all: Vec<(&Called, Configurations)> = Vec::new();
    for call in calls {
        all.push((call, call.configurations(text, made)?));
    }
    // The libraries for processors alone say what a flavor is.
    let is_plain = |call: &Called| call.build_type == BuildType::Cpu && call.platform.os == Os::Linux;
    let (_, model) = all.iter().find(|(call, _)| is_plain(call)).or(all.first()).ok_or("it has no rows")?;
    let base = least(model).ok_or("its Makefile compiles other libraries than a flavor each")?;
    let each = || all.iter().flat_map(|(_, configurations)| configurations.values());
    let shape = |one: &Configuration| Configuration { options: Options::new(), ..one.clone() };
    if each().any(|one| shape(one) != shape(base)) {
        return Err("its Makefile builds something else for another build type");
    }
    let options = shared(each().map(|one| &one.options));
    let flavors: BTreeMap<Flavor, Options> = model
        .iter()
        .filter_map(|(flavor, one)| Some(((*flavor)?, without(&one.options, &options))))
        .collect();
    let plain = flavors.get(&Flavor::Fallback).cloned().unwrap_or_default();
    // What calls add to the least of them.
    let added: BTreeMap<&Called, Options> = all
        .iter()
        .filter_map(|(call, configurations)| {
            Some((*call, without(&without(&least(configurations)?.options, &options), &plain)))
        })
        .collect();
    let of_type = |wanted: BuildType| added.iter().filter(move |(call, _)| call.build_type == wanted);
    let used: BTreeSet<BuildType> = calls.iter().map(|call| call.build_type).collect();
    let build_types: BTreeMap<BuildType, Options> = used
        .into_iter()
        .map(|build_type| (build_type, shared(of_type(build_type).map(|(_, added)| added))))
        .filter(|(_, added)| !added.is_empty())
        .collect();
    let by_variant: BTreeMap<VariantName, Options> = added
        .iter()
        .map(|(call, added)| {
            let known = build_types.get(&call.build_type).cloned().unwrap_or_default();
            (call.variant.clone(), without(added, &known))
        })
        .filter(|(_, added)| !added.is_empty())
        .collect();
    let sum = |call: &Called, flavor: &Option<Flavor>| -> Options {
        let (build_type, variant) = (build_types.get(&call.build_type), by_variant.get(&call.variant));
        let flavor = flavor.and_then(|flavor| flavors.get(&flavor));
        let pairs = [Some(&options), build_type, variant, flavor].into_iter().flatten().flatten();
        pairs.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    let is_told = |(call, configurations): &(&Called, Configurations)| {
        configurations.iter().all(|(flavor, one)| sum(call, flavor) == one.options)
    };
    if !all.iter().all(is_told) {
        return Err("its flavors or platforms have other options in another build type");
    }
    let Configuration { project, target, product, beside, .. } = shape(base);
    let project = joined(dir, project.as_str().trim_start_matches(HERE));
    Ok(Engine { project, target, options, build_types, by_variant, flavors, product, beside })
}

/// What runs on every processor.
fn least(configurations: &Configurations) -> Option<&Configuration> {
    configurations.get(&Some(Flavor::Fallback)).or(configurations.get(&None))
}

/// What all have.
fn shared<'o>(mut all: impl Iterator<Item = &'o Options>) -> Options {
    let mut kept = all.next().cloned().unwrap_or_default();
    all.for_each(|other| kept.retain(|key, value| other.get(key) == Some(value)));
    kept
}

fn without(from: &Options, other: &Options) -> Options {
    let kept = from.iter().filter(|(key, value)| other.get(*key) != Some(value));
    kept.map(|(key, value)| (key.clone(), value.clone())).collect()
}
