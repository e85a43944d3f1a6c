//! The tables of options that CMake is given.

use super::script::environment;
use super::{Issues, Trail, VariantUse, among};
use crate::build_type::BuildType;
use crate::cmake_options::{OptionTables, Options};
use crate::flavor::Flavor;
use crate::name::VariantName;
use crate::platform::Platform;
use crate::text::table::{Table, map};
use std::collections::BTreeMap;

/// What CMake is given: options by name, with `${gpu-targets}` and the like for what the variant decides. What a later table
/// says wins; what comes to nothing is left out.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Section {
    /// CMake options of every configuration.
    #[serde(default, deserialize_with = "map")]
    options: BTreeMap<String, String>,
    /// Options that a build type adds.
    #[serde(default)]
    build_types: Table<BuildType, Table<String, String>>,
    /// Options that a platform adds, after those of the build type.
    #[serde(default)]
    by_platform: Table<Platform, Table<String, String>>,
    /// Options that a variant adds, after those of the platform.
    #[serde(default)]
    by_variant: Table<VariantName, Table<String, String>>,
    /// Options that a flavor adds, after all others.
    #[serde(default)]
    flavors: Table<Flavor, Table<String, String>>,
}

impl Section {
    pub(super) fn check(
        self,
        issues: &mut Issues,
        trail: Trail<'_>,
        variants: &[VariantUse],
    ) -> OptionTables {
        let Self { options, build_types, by_platform, by_variant, flavors } = self;
        among(issues, trail.key("by-variant"), by_variant.0.iter().map(|(name, _)| name), variants);
        OptionTables {
            always: environment(issues, trail.key("options"), options),
            by_build_type: each(issues, trail.key("build-types"), build_types, |one| one.as_str()),
            by_platform: each(issues, trail.key("by-platform"), by_platform, |one| one.as_str()),
            by_variant: each(issues, trail.key("by-variant"), by_variant, VariantName::as_str),
            by_flavor: each(issues, trail.key("flavors"), flavors, |one| one.as_str()),
        }
    }
}

fn each<K: Ord>(
    issues: &mut Issues,
    trail: Trail<'_>,
    table: Table<K, Table<String, String>>,
    name: impl Fn(&K) -> &str,
) -> BTreeMap<K, Options> {
    let rows = table.0.into_iter();
    rows.map(|(key, options)| {
        let options = options.0.into_iter().collect();
        let options = environment(issues, trail.key(name(&key)), options);
        (key, options)
    })
    .collect()
}
