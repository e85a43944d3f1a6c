//! What an index of backends says of one: words for people, which are carried over.

use super::tree::Tree;
use camino::Utf8Path;
use std::collections::BTreeMap;

/// Where it stands.
pub(super) const INDEX: &str = "backend/index.yaml";

/// One entry, of which most is about images.
#[derive(Debug, Default, Clone, PartialEq, Eq, serde::Deserialize)]
pub(super) struct About {
    name: String,
    #[serde(default)]
    license: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    pub icon: Option<String>,
    #[serde(default)]
    pub urls: Vec<String>,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    capabilities: Option<BTreeMap<String, String>>,
}

impl About {
    /// Its first sentence, for `list`.
    pub fn description(&self) -> Option<String> {
        let lines = self.description.as_deref()?.lines().map(str::trim).skip_while(|line| line.is_empty());
        let first = lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
        let first = first.split(". ").next().unwrap_or_default().trim_end_matches(['.', ' ', ':']);
        (!first.is_empty()).then(|| first.to_owned())
    }

    /// As SPDX has it; what it does not know stays away.
    pub fn license(&self) -> Option<&'static str> {
        let known = ["MIT", "Apache-2.0", "BSD-3-Clause", "GPL-3.0-only", "AGPL-3.0-only", "MPL-2.0"];
        let text = self.license.as_deref()?;
        known.into_iter().find(|name| name.eq_ignore_ascii_case(text))
    }
}

/// The entries that stand for a backend and not for one of its images; none where the file cannot be read.
pub(super) fn read(tree: &Tree<'_>) -> BTreeMap<String, About> {
    let text = tree.text(Utf8Path::new(INDEX)).unwrap_or_default();
    let entries: Vec<About> = model::manifest::parse(&text).unwrap_or_default();
    let named = entries.into_iter().filter(|one| one.capabilities.is_some());
    named.map(|one| (one.name.clone(), one)).collect()
}
