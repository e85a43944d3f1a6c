//! What the caches of all jobs for macOS come to, held against what GitHub keeps for a repository.

use super::formulas;
use model::backend::{Backend, Recipe};
use model::manifest::Manifests;
use model::platform::{Arch, Os};
use plan::published;
use std::collections::{BTreeMap, BTreeSet};

/// What GitHub keeps for a repository, in MiB; beyond that, it drops what was not used for the longest time.
const LIMIT_MIB: u64 = 10 * 1024;
/// Modules and build cache of Go, as the reference has it.
const GO_MIB: u64 = 800;
/// Bottles of one list of formulas, gRPC's among them.
const BREW_MIB: u64 = 300;
/// The limit that ccache gets on a Mac.
const CCACHE_MIB: u64 = 2048;
/// Wheels of one backend, as the reference has them.
const WHEELS_MIB: u64 = 1536;
/// Crates of one backend, packed and unpacked.
const CARGO_MIB: u64 = 300;

/// Whose wheels are kept under one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wheels {
    /// One backend's.
    OfBackends,
    /// Those of all backends: they push each other out, and need a fraction of the room.
    Shared,
}

/// The caches of all jobs for macOS in their steady state.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Budget {
    /// MiB by kind.
    pub mib: BTreeMap<&'static str, u64>,
    /// What it was decided for.
    pub wheels: Wheels,
}

impl Budget {
    /// Of what the manifests publish for macOS. Where every backend's own wheels are too much, they are shared before
    /// anything else shrinks: the reference's rule.
    pub fn of(manifests: &Manifests) -> Self {
        Self::of_backends(&backends(manifests))
    }

    /// The first backend whose caches GitHub has no room for beside those of the ones before it.
    pub fn first_beyond(manifests: &Manifests) -> Option<&Backend> {
        let backends = backends(manifests);
        let beyond = (0..backends.len()).find(|last| !Self::of_backends(&backends[..=*last]).fits())?;
        Some(backends[beyond].0)
    }

    fn of_backends(backends: &[(&Backend, Arch)]) -> Self {
        let lists: BTreeSet<_> =
            backends.iter().map(|(backend, arch)| (arch, formulas(&backend.recipe, *arch))).collect();
        let count = |is: fn(&Backend) -> bool| backends.iter().filter(|(backend, _)| is(backend)).count();
        let python = count(|backend| matches!(backend.recipe, Recipe::Python(_)));
        let budget = |wheels| {
            let wheels_of = if wheels == Wheels::Shared { python.min(1) } else { python };
            let parts = [
                ("brew", lists.iter().filter(|(_, list)| !list.is_empty()).count(), BREW_MIB),
                ("cargo", count(|backend| matches!(backend.recipe, Recipe::Rust(_))), CARGO_MIB),
                ("ccache", count(|backend| matches!(backend.recipe, Recipe::Cmake(_))), CCACHE_MIB),
                ("go", count(|backend| matches!(backend.recipe, Recipe::Go(_))), GO_MIB),
                ("wheels", wheels_of, WHEELS_MIB),
            ];
            let mib = parts.map(|(name, count, mib)| {
                (name, mib.saturating_mul(u64::try_from(count).unwrap_or(u64::MAX)))
            });
            Self { mib: mib.into(), wheels }
        };
        let apart = budget(Wheels::OfBackends);
        if apart.fits() { apart } else { budget(Wheels::Shared) }
    }

    /// All of it, in MiB.
    pub fn total_mib(&self) -> u64 {
        self.mib.values().sum()
    }

    /// Whether GitHub keeps all of it.
    pub fn fits(&self) -> bool {
        self.total_mib() <= LIMIT_MIB
    }

    /// What there is room for, in MiB.
    pub fn limit_mib() -> u64 {
        LIMIT_MIB
    }
}

/// The backends that jobs on Macs build, each with the processor that it is for.
fn backends(manifests: &Manifests) -> Vec<(&Backend, Arch)> {
    let units = published::units(manifests).filter(|unit| unit.platform.os == Os::Darwin);
    let units: BTreeSet<_> = units.map(|unit| (unit.backend, unit.platform.arch)).collect();
    units.into_iter().filter_map(|(name, arch)| Some((manifests.backends.get(&name)?, arch))).collect()
}
