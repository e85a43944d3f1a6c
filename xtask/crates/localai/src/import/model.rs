//! The table of variants and the lists of backends.

use super::document::List;
use super::order::{Order, Platform};
use model::name::{BackendName, VariantName};
use std::collections::BTreeMap;

/// Fields by name; `None` takes away what an earlier layer gave.
pub type Layer = BTreeMap<String, Option<String>>;

/// A matrix in layers: a later one wins. `{backend}` in a `tag-suffix` stands for the backend's name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Model {
    /// What rows of a list have.
    pub rows: BTreeMap<List, Layer>,
    /// What rows of a platform have.
    pub platforms: BTreeMap<Platform, Layer>,
    /// What rows for Linux of a family have; a family is known by the end of its Dockerfile's name.
    pub families: BTreeMap<String, Layer>,
    /// Ways to build.
    pub variants: BTreeMap<VariantName, Way>,
    /// The lists.
    pub backends: BTreeMap<BackendName, Backend>,
    /// The order of rows and fields.
    pub order: Order,
}

/// A way to build.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Way {
    /// Where it exists, in this order.
    pub platforms: Vec<Platform>,
    /// What all its rows have.
    pub fields: Layer,
    /// What those of one family have beyond that.
    pub families: BTreeMap<String, Layer>,
    /// The prebuilt base by platform, for backends that start from one.
    pub bases: BTreeMap<Platform, String>,
}

/// A backend's list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backend {
    /// The family; none of a backend that exists for macOS only.
    pub family: Option<String>,
    /// Whether it starts from prebuilt bases.
    pub prebuilt: bool,
    /// What all its rows for Linux have beyond what their variants give.
    pub fields: Layer,
    /// Its rows: those without an exception first, by variant and platform.
    pub items: Vec<Item>,
}

/// One row of a backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The way to build.
    pub variant: VariantName,
    /// On what.
    pub platform: Platform,
    /// What this row alone has.
    pub fields: Layer,
}

/// The short name of a platform that is not Linux.
pub(super) const DARWIN: &str = "darwin";

impl Model {
    /// How many rows are exceptions.
    pub fn exceptions(&self) -> usize {
        self.backends
            .values()
            .flat_map(|backend| &backend.items)
            .filter(|item| !item.fields.is_empty())
            .count()
    }

    /// Everything that the layers up to `depth` give a row, before it is known who else has its suffix.
    pub(super) fn layered(
        &self,
        name: &BackendName,
        backend: &Backend,
        item: &Item,
        depth: Depth,
    ) -> BTreeMap<String, String> {
        let list = if item.platform == DARWIN { List::Darwin } else { List::Linux };
        let family = backend.family.as_ref();
        let way = self.variants.get(&item.variant);
        let mut fields = BTreeMap::new();
        let mut add = |layer: Option<&Layer>| {
            for (key, value) in layer.into_iter().flatten() {
                match value {
                    Some(value) => fields.insert(key.clone(), value.clone()),
                    None => fields.remove(key),
                };
            }
        };
        add(self.rows.get(&list));
        add(self.platforms.get(&item.platform));
        if list == List::Linux {
            add(family.and_then(|family| self.families.get(family)));
        }
        add(way.map(|way| &way.fields));
        add(way.and_then(|way| way.families.get(family?)));
        if let Some(base) = way.filter(|_| backend.prebuilt).and_then(|way| way.bases.get(&item.platform)) {
            add(Some(&Layer::from([("builder-base-image".to_owned(), Some(base.clone()))])));
        }
        if list == List::Linux && depth >= Depth::Backend {
            add(Some(&backend.fields));
        }
        if depth >= Depth::Item {
            add(Some(&item.fields));
        }
        if let Some(suffix) = fields.get_mut("tag-suffix") {
            *suffix = suffix.replace(BACKEND, name.as_str());
        }
        fields
    }
}

/// What stands for the backend's name in a suffix.
pub(super) const BACKEND: &str = "{backend}";

/// How many layers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// Up to what the variant gives.
    Variant,
    /// And what the backend gives.
    Backend,
    /// All.
    Item,
}
