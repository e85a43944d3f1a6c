//! JSON Schemas of the manifests, generated from the types that read them.

use super::raw::{RawBackend, RawSources, RawVariants};
use crate::filter::rules::raw::RawRules;
use camino::{Utf8Path, Utf8PathBuf};
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// Where the schemas stand in the repository.
const DIR: &str = "docs/schemas";

/// Which manifest a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Document {
    Backend,
    Variants,
    Sources,
    Rules,
}

impl Document {
    const ALL: [Self; 4] = [Self::Backend, Self::Variants, Self::Sources, Self::Rules];

    /// The schema's path, relative to the repository's root.
    fn path(self) -> Utf8PathBuf {
        let name = match self {
            Self::Backend => "backend",
            Self::Variants => "variants",
            Self::Sources => "sources",
            Self::Rules => "rules",
        };
        Utf8PathBuf::from(format!("{DIR}/{name}.schema.json"))
    }

    /// The schema.
    pub fn schema(self) -> Value {
        let generator = SchemaSettings::draft07().into_generator();
        let schema = match self {
            Self::Backend => generator.into_root_schema_for::<RawBackend>(),
            Self::Variants => generator.into_root_schema_for::<RawVariants>(),
            Self::Sources => generator.into_root_schema_for::<RawSources>(),
            Self::Rules => generator.into_root_schema_for::<RawRules>(),
        };
        schema.to_value()
    }

    /// The first line that a manifest of this kind must have, so that editors find its schema. Rules may lie anywhere.
    pub fn first_line(self, file: &Utf8Path) -> Option<String> {
        if self == Self::Rules {
            return None;
        }
        let up = "../".repeat(file.components().count().saturating_sub(1));
        Some(format!("# yaml-language-server: $schema={up}{}", self.path()))
    }
}

/// Every schema: its path in the repository and its text.
pub fn all() -> Vec<(Utf8PathBuf, String)> {
    let text = |document: Document| format!("{:#}\n", document.schema());
    Document::ALL.map(|document| (document.path(), text(document))).into()
}
