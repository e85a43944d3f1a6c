//! A ground with what is derived from it: made once for all units that start from it.

use super::Ground;
use super::base_key::base_key;
use crate::toolchain::{Family, script};
use model::image_names::CacheTag;
use model::key::Key;
use model::name::{Label, VariantName};
use model::oci::Tag;
use model::platform::Platform;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

/// One step of an install script, as key documents hold it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct InstalledStep {
    id: Label,
    run: String,
}

/// A [`Ground`] with its script and its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Footing {
    ground: Ground,
    install_sh: String,
    steps: Vec<InstalledStep>,
    key: Key,
}

impl Footing {
    /// `install.sh`, as [`Ground::install_sh`] writes it.
    pub fn install_sh(&self) -> &str {
        &self.install_sh
    }

    /// Its steps, for the keys of units: `why` names the one that changed.
    pub fn steps(&self) -> &[InstalledStep] {
        &self.steps
    }

    /// The tag under which the cache repository holds it.
    pub fn tag(&self) -> Tag {
        CacheTag::BaseKey(self.key).tag()
    }

    /// The key of the base.
    pub fn key(&self) -> &Key {
        &self.key
    }
}

impl From<Ground> for Footing {
    fn from(ground: Ground) -> Self {
        let rendered = ground.install_steps();
        let install_sh = script(&ground.install.title, &rendered);
        let digest = |text: String| blake3::hash(text.as_bytes()).to_hex().to_string();
        let steps = rendered.into_iter().map(|(id, text)| InstalledStep { id, run: digest(text) }).collect();
        let key = base_key(&ground, &install_sh);
        Self { ground, install_sh, steps, key }
    }
}

impl Deref for Footing {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

impl serde::Serialize for Footing {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.ground.serialize(serializer)
    }
}

type Starts = HashMap<(VariantName, Platform, Family), Arc<Footing>>;

/// The footings of one set of manifests. Hundreds of units start from a few dozen.
///
/// What is kept here is a function of the manifests alone, so that a plan does not depend on what was planned before.
#[derive(Debug, Default)]
pub struct Footings(Mutex<Starts>);

impl Footings {
    /// The footing of a family in a variant on a platform; `make` is asked for what is not known yet.
    pub(crate) fn get<E>(
        &self,
        variant: &VariantName,
        platform: Platform,
        family: Family,
        make: impl FnOnce() -> Result<Ground, E>,
    ) -> Result<Arc<Footing>, E> {
        let starts = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let start = (variant.clone(), platform, family);
        if let Some(known) = starts().get(&start) {
            return Ok(Arc::clone(known));
        }
        let footing = Arc::new(Footing::from(make()?));
        starts().insert(start, Arc::clone(&footing));
        Ok(footing)
    }
}
