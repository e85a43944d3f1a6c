//! What CMake is given, by what decides it.

use crate::build_type::BuildType;
use crate::flavor::Flavor;
use crate::name::VariantName;
use crate::platform::Platform;
use crate::script::Filled;
use std::collections::BTreeMap;

/// Variables of CMake.
pub type Options = BTreeMap<String, Filled>;

/// Tables of options; what a later one says of a variable wins.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct OptionTables {
    /// Of every configuration.
    pub always: Options,
    /// Those that a build type adds.
    pub by_build_type: BTreeMap<BuildType, Options>,
    /// Those that a platform adds.
    pub by_platform: BTreeMap<Platform, Options>,
    /// Those that a variant adds.
    pub by_variant: BTreeMap<VariantName, Options>,
    /// Those that a flavor adds.
    pub by_flavor: BTreeMap<Flavor, Options>,
}

impl OptionTables {
    /// What one configuration is given, in the order in which it counts.
    pub fn given(
        &self,
        build_type: BuildType,
        platform: Platform,
        variant: &VariantName,
        flavor: Option<Flavor>,
    ) -> impl Iterator<Item = (&String, &Filled)> {
        let tables = [
            Some(&self.always),
            self.by_build_type.get(&build_type),
            self.by_platform.get(&platform),
            self.by_variant.get(variant),
            flavor.and_then(|flavor| self.by_flavor.get(&flavor)),
        ];
        tables.into_iter().flatten().flatten()
    }
}
