//! Rule: no two jobs share a name in the registry.

use crate::{Found, Repository, Rule};
use model::image_names::groups;
use model::manifest::BACKEND;
use model::platform::Os;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    name: "unique-tags",
    meaning: "(tag-suffix, platform-tag) is unique over all rows, and a suffix belongs to one backend",
    source: "cache pipeline 2",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    let mut owners = BTreeMap::new();
    let backends = repository.model().into_iter().flat_map(|manifests| {
        manifests.backends.values().map(|backend| (backend, groups(backend, &manifests.variants)))
    });
    for (backend, groups) in backends {
        // Two variants of one backend under one name are an error of its manifest already.
        for group in groups.unwrap_or_default() {
            let Some(owner) = owners.insert(group.suffix.clone(), &backend.name) else { continue };
            let Some(unit) = group.units().next() else { continue };
            let (file, variant) = (backend.dir.join(BACKEND), unit.variant.as_str());
            let own = unit.platform.os == Os::Linux && backend.tag_suffixes.contains_key(variant);
            let way = [if own { "tag-suffixes" } else { "variants" }, variant];
            let spot = if own { repository.value(&file, &way) } else { repository.key(&file, &way) };
            let message = format!(
                "`{owner}` is published as `{}` already: each would overwrite the other",
                group.suffix
            );
            found.add(&file, spot, message, "give one of them another name in `tag-suffixes`");
        }
    }
    for table in repository.tables() {
        let mut seen = BTreeMap::new();
        for row in &table.rows {
            let identity = (row.text("tag-suffix"), row.text("platform-tag"));
            let Some(first) = seen.insert(identity, row.spot.line) else { continue };
            let (suffix, platform) = identity;
            let message = format!(
                "the row of line {first} has tag-suffix `{suffix}` and platform-tag `{platform}` too: each would \
                 overwrite the other's cache and image"
            );
            found.add(&row.file, row.place("tag-suffix"), message, "give one of the rows another tag-suffix");
        }
    }
}
