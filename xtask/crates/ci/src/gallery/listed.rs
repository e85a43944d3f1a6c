//! An index that is there already, whoever wrote it.

use super::is_known;
use model::manifest::parse;
use model::oci::{Repository, Tag};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The file is no index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is no gallery index: {0}")]
pub struct ListedError(String);

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// What it leads to: the first place, and its mirrors.
    pub places: Vec<Place>,
    /// What it chooses among, by what a machine can do.
    pub capabilities: BTreeMap<String, String>,
}

/// Where an entry says an image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a registry.
    Image(Repository, Tag),
    /// A name that LocalAI does not take for that of an image.
    Untaken(String),
    /// A file or an archive, which no registry has.
    Other(String),
}

#[derive(Deserialize)]
struct Row {
    name: Option<String>,
    uri: Option<String>,
    mirrors: Option<Vec<String>>,
    capabilities: Option<BTreeMap<String, String>>,
    /// YAML's way to take over another entry.
    #[serde(rename = "<<")]
    base: Option<Box<Row>>,
}

/// Reads an index.
pub fn read(text: &str) -> Result<Vec<Listed>, ListedError> {
    let rows: Vec<Row> = parse(text).map_err(|misfit| {
        let at =
            misfit.at.map(|(line, column)| format!("line {line}, column {column}: ")).unwrap_or_default();
        ListedError(format!("{at}{}", misfit.message))
    })?;
    Ok(rows.into_iter().map(Row::listed).collect())
}

impl Row {
    /// With what it takes over and does not say itself.
    fn whole(self) -> Self {
        let Some(base) = self.base else { return self };
        let base = base.whole();
        Self {
            name: self.name.or(base.name),
            uri: self.uri.or(base.uri),
            mirrors: self.mirrors.or(base.mirrors),
            capabilities: self.capabilities.or(base.capabilities),
            base: None,
        }
    }

    fn listed(self) -> Listed {
        let row = self.whole();
        let uri = row.uri.into_iter().map(|uri| Place::of(&uri));
        let mirrors = row.mirrors.into_iter().flatten().map(|mirror| Place::of(&mirror));
        let places: Vec<Place> = uri.chain(mirrors).collect();
        // Who has a place of its own chooses nothing.
        let capabilities =
            if places.is_empty() { row.capabilities.unwrap_or_default() } else { BTreeMap::new() };
        Listed { name: row.name.unwrap_or_default(), places, capabilities }
    }
}

impl Place {
    fn of(text: &str) -> Self {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, text),
        };
        match (scheme, image(rest)) {
            (Some("oci"), Some((repository, tag))) => Self::Image(repository, tag),
            (None, Some((repository, tag))) if is_known(text) => Self::Image(repository, tag),
            (None, Some(_)) => Self::Untaken(text.to_owned()),
            _ => Self::Other(text.to_owned()),
        }
    }
}

fn image(text: &str) -> Option<(Repository, Tag)> {
    let (repository, tag) = text.rsplit_once(':')?;
    Some((repository.parse().ok()?, tag.parse().ok()?))
}
