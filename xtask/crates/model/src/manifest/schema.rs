//! JSON Schemas of the manifests, generated from the types that read them.

use super::{backend, sources, variants};
use camino::{Utf8Path, Utf8PathBuf};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// Where the schemas stand in the repository.
const DIR: &str = "docs/schemas";

/// A kind of document that people write.
#[derive(Debug, Clone, Copy)]
pub struct Document {
    name: &'static str,
    /// Whether its first line tells editors where the schema is.
    names_schema: bool,
    schema: fn() -> Value,
}

impl Document {
    /// `backend.yaml` of a backend.
    pub const BACKEND: Self = Self::named::<backend::Written>("backend");
    pub(super) const VARIANTS: Self = Self::named::<variants::Written>("variants");
    pub(super) const SOURCES: Self = Self::named::<sources::Written>("sources");

    const fn named<R: JsonSchema>(name: &'static str) -> Self {
        Self { names_schema: true, ..Self::anywhere::<R>(name) }
    }

    /// A document that may lie anywhere, and so cannot say where its schema is.
    pub const fn anywhere<R: JsonSchema>(name: &'static str) -> Self {
        Self { name, names_schema: false, schema: schema_of::<R> }
    }

    /// The schema.
    pub(super) fn schema(self) -> Value {
        (self.schema)()
    }

    /// The first line that a document of this kind must have, so that editors find its schema.
    pub fn first_line(self, file: &Utf8Path) -> Option<String> {
        let up = "../".repeat(file.components().count().saturating_sub(1));
        self.names_schema.then(|| format!("# yaml-language-server: $schema={up}{}", self.path()))
    }

    fn path(self) -> Utf8PathBuf {
        Utf8PathBuf::from(format!("{DIR}/{}.schema.json", self.name))
    }

    /// The schema's path, relative to the repository's root, and its text.
    pub fn generated(self) -> (Utf8PathBuf, String) {
        (self.path(), format!("{:#}\n", self.schema()))
    }
}

fn schema_of<R: JsonSchema>() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<R>().to_value()
}

/// Every schema of a manifest: its path in the repository and its text.
pub fn all() -> Vec<(Utf8PathBuf, String)> {
    [Document::BACKEND, Document::VARIANTS, Document::SOURCES].map(Document::generated).into()
}
