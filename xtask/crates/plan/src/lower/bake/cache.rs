//! Where layers come from and go to.

use super::attributes::Attributes;

/// A source of layers. One that is missing is no error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CacheFrom {
    /// A cache image of a registry.
    Registry {
        /// Its reference.
        reference: String,
    },
}

/// Where layers are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CacheTo {
    /// A cache image of a registry, with the layers of every stage. A registry that fails does not fail the build.
    Registry {
        /// Its reference.
        reference: String,
    },
}

impl CacheFrom {
    fn attributes(&self) -> String {
        let Self::Registry { reference } = self;
        Attributes::of("registry").with("ref", reference).finish()
    }
}

impl CacheTo {
    fn attributes(&self) -> String {
        let Self::Registry { reference } = self;
        Attributes::of("registry").with("ref", reference).with("mode", "max").on("ignore-error").finish()
    }
}

impl serde::Serialize for CacheFrom {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.attributes())
    }
}

impl serde::Serialize for CacheTo {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.attributes())
    }
}
