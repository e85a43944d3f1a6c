//! The manifests of this repository, for tests that hold the planner to them.

use model::manifest::{self, Manifests};
use model::template::Template;

/// The tables, without any backend.
pub fn manifests() -> Manifests {
    with_backends(&[])
}

/// The tables, and backends by path.
pub fn with_backends(backends: &[(&str, &str)]) -> Manifests {
    let tables = [
        (manifest::VARIANTS, include_str!("../../../../backend/variants.yaml")),
        (manifest::SOURCES, include_str!("../../../../backend/sources.yaml")),
    ];
    let files = tables.iter().chain(backends).map(|(path, text)| ((*path).into(), (*text).to_owned()));
    let templates =
        Template::ALL.map(|template| (template.path(), format!("FROM {}\n", template.file_name())));
    manifest::load(&files.chain(templates).collect()).unwrap()
}
