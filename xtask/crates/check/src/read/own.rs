//! Rows of our own matrix, each with its place in the manifest that it is made from.

use super::{Field, Row, Table};
use ci::matrix::{Fields, matrix};
use model::manifest::{BACKEND, Files, Hop, Manifests, Spot, Tree};
use model::unit::UnitId;
use std::collections::BTreeMap;

/// The rows; none where the manifests make no matrix, which other rules report.
pub fn rows(manifests: &Manifests, files: &Files) -> Option<Table> {
    let matrix = matrix(manifests, &manifests.registry.cache.parse().ok()?).ok()?;
    let trees: BTreeMap<&str, Tree> = manifests
        .backends
        .values()
        .filter_map(|backend| {
            Some((backend.name.as_str(), Tree::parse(files.get(&backend.dir.join(BACKEND))?)?))
        })
        .collect();
    let row = |unit: &UnitId, darwin, fields: Vec<(&str, &str)>| {
        let way = [Hop::Key("variants".to_owned()), Hop::Key(unit.variant.to_string())];
        let spot = trees.get(unit.backend.as_str()).map_or(Spot::START, |tree| {
            let (key, value) = tree.find(&way);
            tree.nodes[key.unwrap_or(value)].spot
        });
        let field = |(name, text): (&str, &str)| {
            (name.to_owned(), Field { text: text.to_owned(), string: true, spot })
        };
        let file = manifests.backends[&unit.backend].dir.join(BACKEND);
        Row { darwin, file, spot, fields: fields.into_iter().map(field).collect() }
    };
    let linux = matrix.linux.iter().map(|entry| row(&entry.unit, false, entry.row.fields()));
    let darwin = matrix.darwin.iter().map(|entry| row(&entry.unit, true, entry.row.fields()));
    Some(Table { rows: linux.chain(darwin).collect() })
}
