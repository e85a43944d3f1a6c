//! One merge for every tag suffix.

use super::row::Row;
use matrixfile::append;
use std::collections::HashMap;

/// The merges of some rows, as JSON.
pub(super) struct MergeMatrix {
    /// `{"include":[…]}`.
    pub json: Vec<u8>,
    /// How many.
    pub count: usize,
    /// What rows of one suffix do not agree about.
    pub warnings: Vec<String>,
}

/// Groups rows by suffix, in the order in which suffixes are first seen; rows without one are published nowhere.
pub(super) fn merge_matrix<R: Row>(rows: &[&R]) -> serde_json::Result<MergeMatrix> {
    // Suffix and tag-latest as JSON, and whether a later row wants another one.
    let mut groups: Vec<(Vec<u8>, Vec<u8>, bool)> = Vec::new();
    let mut places: HashMap<Vec<u8>, usize> = HashMap::with_capacity(rows.len());
    for row in rows {
        let Some(suffix) = row.tag_suffix() else { continue };
        let mut name = Vec::new();
        append(&mut name, suffix)?;
        let mut latest = Vec::new();
        match row.tag_latest() {
            Some(value) => append(&mut latest, value)?,
            None => append(&mut latest, "")?,
        }
        if let Some(place) = places.get(&name) {
            groups[*place].2 |= groups[*place].1 != latest;
        } else {
            places.insert(name.clone(), groups.len());
            groups.push((name, latest, false));
        }
    }
    let mut matrix =
        MergeMatrix { json: b"{\"include\":[".to_vec(), count: groups.len(), warnings: Vec::new() };
    for (index, (name, latest, mismatch)) in groups.iter().enumerate() {
        if index > 0 {
            matrix.json.push(b',');
        }
        for part in [b"{\"tag-suffix\":".as_slice(), name, b",\"tag-latest\":", latest, b"}"] {
            matrix.json.extend_from_slice(part);
        }
        if *mismatch {
            let [name, latest] = [name, latest].map(|json| String::from_utf8_lossy(json));
            matrix.warnings.push(format!(
                "the rows of {name} do not agree on tag-latest; the first one's, {latest}, counts"
            ));
        }
    }
    matrix.json.extend_from_slice(b"]}");
    Ok(matrix)
}
