//! Rule: what a consumer starts from is a base that somebody makes.

use crate::{Found, Repository, Rule};
use model::manifest::{Manifests, VARIANTS};

pub(super) const RULE: Rule = Rule {
    name: "bases",
    meaning: "every consumer names a row of `bases` of its own platform, and every base has a consumer",
    source: "cache pipeline 7",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    let Some(manifests) = repository.model() else { return };
    for (index, message) in astray(manifests) {
        let spot = repository.value(VARIANTS.into(), &["consumers", &index.to_string(), "base"]);
        found.add(VARIANTS.into(), spot, message, "name a row of `bases`, or add one");
    }
    for name in manifests.bases.keys().filter(|name| manifests.consumers.iter().all(|c| c.base != **name)) {
        let spot = repository.key(VARIANTS.into(), &["bases", name.as_str()]);
        let message = format!("nothing starts from the base `{name}`, which would be built every week");
        found.add(VARIANTS.into(), spot, message, "add a row to `consumers`, or remove the base");
    }
}

/// Consumers of what nobody makes, by their place in the list.
fn astray(manifests: &Manifests) -> Vec<(usize, String)> {
    let each = manifests.consumers.iter().enumerate();
    each.filter_map(|(index, consumer)| match manifests.bases.get(&consumer.base) {
        None => Some((index, format!("there is no base `{}`", consumer.base))),
        Some(base) if base.platform != consumer.platform => {
            let (is, wanted) = (base.platform, consumer.platform);
            Some((index, format!("base `{}` is for {is}, expected one for {wanted}", base.name)))
        }
        Some(_) => None,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::manifest::{Files, SOURCES, load};

    fn manifests() -> Manifests {
        let files: Files = [
            (VARIANTS.into(), include_str!("../../../../../backend/variants.yaml").to_owned()),
            (SOURCES.into(), include_str!("../../../../../backend/sources.yaml").to_owned()),
        ]
        .into();
        load(&files).unwrap()
    }

    /// A manifest that names an absent base is not read; past the reader, this is what is looked at.
    #[test]
    fn consumers_of_nothing_are_found() {
        let mut manifests = manifests();
        assert!(astray(&manifests).is_empty());
        manifests.consumers[2].base = "absent".parse().unwrap();
        manifests.consumers[3].base = "arm64".parse().unwrap();
        let found = astray(&manifests);
        assert_eq!(found.len(), 2);
        assert!(found[0].0 == 2 && found[0].1.contains("no base `absent`"), "{found:?}");
        assert!(found[1].0 == 3 && found[1].1.contains("is for linux/arm64"), "{found:?}");
    }
}
