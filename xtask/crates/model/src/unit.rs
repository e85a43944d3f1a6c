//! A unit: backend × variant × platform. What is built, keyed, cached and published.

use crate::name::{BackendName, VariantName};
use crate::platform::Platform;
use std::fmt;

/// Identity of a unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct UnitId {
    /// Which backend.
    pub backend: BackendName,
    /// Which way to build it.
    pub variant: VariantName,
    /// What it runs on.
    pub platform: Platform,
}

impl UnitId {
    /// A name that is safe as one path component: `llama-cpp.cpu.linux-amd64`.
    pub fn slug(&self) -> String {
        format!("{}.{}.{}", self.backend, self.variant, self.platform.as_str().replace('/', "-"))
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} · {} · {}", self.backend, self.variant, self.platform)
    }
}
