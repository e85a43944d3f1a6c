//! From rows to layers: what most rows of a layer have goes there, what is left stands beside its row.

use super::document::{List, Row};
use super::model::{BACKEND, Backend, DARWIN, Depth, Item, Layer, Model, Way};
use super::naming;
use super::order::{Order, Place, Platform, runs};
use super::{keys, unfold};
use model::name::{BackendName, VariantName};
use std::collections::{BTreeMap, BTreeSet};

/// Decided by what a row runs on.
const OF_PLATFORM: [&str; 2] = ["platforms", "runs-on"];
/// Decided elsewhere than in the table of variants.
const OF_OTHERS: [&str; 4] = ["platforms", "runs-on", "dockerfile", "builder-base-image"];
/// Given by the list's name, or by who else has the suffix.
const DERIVED: [&str; 2] = ["backend", "platform-tag"];
/// What a base is said with.
const BASE: &str = "builder-base-image";

/// A row on its way.
struct Folding<'a> {
    row: &'a Row,
    place: Place,
    family: Option<String>,
    /// Fields with the backend's name taken out of the suffix, and without what is derived.
    fields: BTreeMap<&'a str, String>,
}

/// Why a row cannot be told in layers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unfoldable {
    /// The row's line.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// The model of these rows.
pub fn fold(rows: &[Row]) -> Result<Model, Unfoldable> {
    let rows = rows.iter().map(start).collect::<Result<Vec<_>, _>>()?;
    let mut model = Model::default();
    let rows = with_families(rows, &mut model);
    shared(&rows, &mut model);
    variants(&rows, &mut model);
    bases(&rows, &mut model);
    backends(&rows, &mut model);
    items(&rows, &mut model);
    order(&rows, &mut model);
    Ok(model)
}

fn start(row: &Row) -> Result<Folding<'_>, Unfoldable> {
    let wrong = |message| Unfoldable { line: row.line, message };
    let place = naming::place(row).map_err(wrong)?;
    let mut fields = BTreeMap::new();
    for (key, value) in row.fields.iter().filter(|(key, _)| !DERIVED.contains(&key.as_str())) {
        let value = match value.strip_suffix(row.backend.as_str()).filter(|_| key == "tag-suffix") {
            Some(front) if front.ends_with('-') => format!("{front}{BACKEND}"),
            _ => value.clone(),
        };
        fields.insert(key.as_str(), value);
    }
    Ok(Folding { row, place, family: None, fields })
}

/// The most frequent value, and how often it is; `None` counts as one. The first of several.
fn most<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Option<(T, usize)> {
    let mut counts: Vec<(T, usize)> = Vec::new();
    for value in values {
        match counts.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count)
}

fn with_families<'a>(mut rows: Vec<Folding<'a>>, model: &mut Model) -> Vec<Folding<'a>> {
    let mut files: BTreeMap<&BackendName, Vec<&str>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.row.list == List::Linux) {
        files.entry(&row.row.backend).or_default().extend(row.row.get("dockerfile"));
    }
    let mut families: BTreeMap<BackendName, String> = BTreeMap::new();
    for (backend, files) in files {
        let Some((file, _)) = most(files) else { continue };
        let family = naming::family(file);
        let layer = Layer::from([("dockerfile".to_owned(), Some(file.to_owned()))]);
        model.families.entry(family.clone()).or_insert(layer);
        families.insert(backend.clone(), family);
    }
    for row in &mut rows {
        row.family = families.get(&row.row.backend).cloned();
    }
    rows
}

/// The most frequent value of every field of some rows, of those that `wanted` names.
fn majority<'a>(
    rows: &[&Folding<'a>],
    wanted: impl Fn(&str) -> bool,
) -> Vec<(&'a str, Option<String>, usize)> {
    let names: BTreeSet<&'a str> = rows.iter().flat_map(|row| row.fields.keys().copied()).collect();
    let value = |name: &str| most(rows.iter().map(|row| row.fields.get(name).cloned()));
    names
        .into_iter()
        .filter(|name| wanted(name))
        .filter_map(|name| value(name).map(|(value, count)| (name, value, count)))
        .collect()
}

/// What all rows of a list, and all of a platform, have in common.
fn shared(rows: &[Folding<'_>], model: &mut Model) {
    let linux: Vec<&Folding<'_>> = rows.iter().filter(|row| row.row.list == List::Linux).collect();
    let common = |name: &str| !OF_OTHERS.contains(&name) && name != "build-type" && name != "tag-suffix";
    let layer = majority(&linux, common).into_iter().filter(|(_, value, _)| value.is_some());
    let layer: Layer = layer.map(|(name, value, _)| (name.to_owned(), value)).collect();
    model.rows.extend((!layer.is_empty()).then_some((List::Linux, layer)));
    for platform in rows.iter().map(|row| &row.place.1).collect::<BTreeSet<_>>() {
        if platform == DARWIN {
            continue;
        }
        let here: Vec<&Folding<'_>> = rows.iter().filter(|row| row.place.1 == *platform).collect();
        let layer = majority(&here, |name| OF_PLATFORM.contains(&name)).into_iter();
        let layer = layer.map(|(name, value, _)| (name.to_owned(), value));
        model.platforms.insert(platform.clone(), layer.collect());
    }
}

fn variants(rows: &[Folding<'_>], model: &mut Model) {
    for name in rows.iter().map(|row| &row.place.0).collect::<BTreeSet<&VariantName>>() {
        let here: Vec<&Folding<'_>> = rows.iter().filter(|row| row.place.0 == *name).collect();
        let platforms: BTreeSet<&Platform> = here.iter().map(|row| &row.place.1).collect();
        let list = if platforms.contains(&DARWIN.to_owned()) { List::Darwin } else { List::Linux };
        let below = model.rows.get(&list).cloned().unwrap_or_default();
        let mut way = Way { platforms: platforms.into_iter().cloned().collect(), ..Way::default() };
        let of_variant = |name: &str| !OF_OTHERS.contains(&name);
        let given = |layer: &Layer, name: &str| layer.get(name).cloned().flatten();
        for (field, value, _) in majority(&here, of_variant) {
            if value != given(&below, field) {
                way.fields.insert(field.to_owned(), value);
            }
        }
        for family in here.iter().filter_map(|row| row.family.as_ref()).collect::<BTreeSet<_>>() {
            let own: Vec<&Folding<'_>> =
                here.iter().copied().filter(|row| row.family.as_ref() == Some(family)).collect();
            // What one backend alone has stands in its own list.
            if own.iter().all(|row| row.row.backend == own[0].row.backend) {
                continue;
            }
            let mut layer = Layer::new();
            for (field, value, count) in majority(&own, of_variant) {
                let inherited = way.fields.get(field).cloned().unwrap_or_else(|| given(&below, field));
                let against = own.iter().filter(|row| row.fields.get(field) == inherited.as_ref()).count();
                if value != inherited && count >= 2 && count > against {
                    layer.insert(field.to_owned(), value);
                }
            }
            // A field that no row of the family has is not among its fields.
            for (field, value) in &way.fields {
                let absent = !own.iter().any(|row| row.fields.contains_key(field.as_str()));
                if absent && value.is_some() && own.len() >= 2 {
                    layer.insert(field.clone(), None);
                }
            }
            if !layer.is_empty() {
                way.families.insert(family.clone(), layer);
            }
        }
        model.variants.insert(name.clone(), way);
    }
}

fn bases(rows: &[Folding<'_>], model: &mut Model) {
    for (name, way) in &mut model.variants {
        for platform in &way.platforms {
            let here = rows.iter().filter(|row| row.place.0 == *name && row.place.1 == *platform);
            let base = most(here.filter_map(|row| row.fields.get(BASE)));
            if let Some((base, _)) = base {
                way.bases.insert(platform.clone(), base.clone());
            }
        }
    }
}

fn backends(rows: &[Folding<'_>], model: &mut Model) {
    let names: BTreeSet<&BackendName> = rows.iter().map(|row| &row.row.backend).collect();
    for name in names {
        let here: Vec<&Folding<'_>> =
            rows.iter().filter(|row| row.row.backend == *name && row.row.list == List::Linux).collect();
        let with_base = here.iter().filter(|row| row.fields.contains_key(BASE)).count();
        let mut backend = Backend {
            family: rows.iter().find(|row| row.row.backend == *name).and_then(|row| row.family.clone()),
            prebuilt: with_base * 2 > here.len(),
            ..Backend::default()
        };
        let below: Vec<BTreeMap<String, String>> =
            here.iter().map(|row| below(model, name, &backend, row, Depth::Variant)).collect();
        for (field, value, _) in majority(&here, |field| field != "tag-suffix") {
            let (mut better, mut worse) = (0, 0);
            for (row, below) in here.iter().zip(&below) {
                let (own, below) = (row.fields.get(field), below.get(field));
                better += usize::from(own != below && own == value.as_ref());
                worse += usize::from(own == below && own != value.as_ref());
            }
            if better >= worse + 2 {
                backend.fields.insert(field.to_owned(), value);
            }
        }
        model.backends.insert(name.clone(), backend);
    }
}

/// What a row has without layers of its own.
fn below(
    model: &Model,
    name: &BackendName,
    backend: &Backend,
    row: &Folding<'_>,
    depth: Depth,
) -> BTreeMap<String, String> {
    model.layered(name, backend, &plain(row), depth)
}

fn plain(row: &Folding<'_>) -> Item {
    let (variant, platform) = row.place.clone();
    Item { variant, platform, fields: Layer::new() }
}

fn items(rows: &[Folding<'_>], model: &mut Model) {
    let tags =
        unfold::tags(rows.iter().map(|row| (row.row.list, row.row.get("tag-suffix").unwrap_or_default())));
    let mut lists: BTreeMap<BackendName, Vec<Item>> = BTreeMap::new();
    let mut places: BTreeMap<(&BackendName, &Place), usize> = BTreeMap::new();
    for row in rows {
        *places.entry((&row.row.backend, &row.place)).or_default() += 1;
    }
    for row in rows {
        let name = &row.row.backend;
        let Some(backend) = model.backends.get(name) else { continue };
        let below = below(model, name, backend, row, Depth::Backend);
        let mut item = plain(row);
        let literal = |field: &str| row.row.get(field);
        for (field, value) in &row.row.fields {
            let known = below.get(field).map(String::as_str);
            if !DERIVED.contains(&field.as_str()) && known != Some(value) {
                item.fields.insert(field.clone(), row.fields.get(field.as_str()).cloned());
            }
        }
        for field in below.keys().filter(|field| literal(field).is_none()) {
            item.fields.insert(field.clone(), None);
        }
        let suffix = (row.row.list, literal("tag-suffix").unwrap_or_default());
        let derived = unfold::platform_tag(&tags, suffix, &row.place.1);
        if derived != literal("platform-tag") {
            item.fields.insert("platform-tag".to_owned(), literal("platform-tag").map(str::to_owned));
        }
        // Of two rows in one place, both say their names: they keep their order among the exceptions.
        if places.get(&(name, &row.place)).is_some_and(|count| *count > 1) {
            item.fields.insert("tag-suffix".to_owned(), row.fields.get("tag-suffix").cloned());
        }
        lists.entry(name.clone()).or_default().push(item);
    }
    for (name, mut items) in lists {
        items.sort_by(|a, b| key(a).cmp(&key(b)));
        if let Some(backend) = model.backends.get_mut(&name) {
            backend.items = items;
        }
    }
}

/// Rows without exceptions first, and then by place; equal ones stay as they were.
pub(super) fn key(item: &Item) -> (bool, &VariantName, &Platform) {
    (!item.fields.is_empty(), &item.variant, &item.platform)
}

fn order(rows: &[Folding<'_>], model: &mut Model) {
    let mut order = Order::default();
    for list in List::ALL {
        let here: Vec<&Row> = rows.iter().map(|row| row.row).filter(|row| row.list == list).collect();
        // The most frequent orders first, so that most rows share the first one.
        let mut seen: Vec<(Vec<&str>, usize)> = Vec::new();
        for row in &here {
            let keys: Vec<&str> = row.fields.iter().map(|(key, _)| key.as_str()).collect();
            match seen.iter_mut().find(|(known, _)| *known == keys) {
                Some((_, count)) => *count += 1,
                None => seen.push((keys, 1)),
            }
        }
        seen.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let mut orders = Vec::new();
        let places: Vec<(Vec<&str>, usize)> = seen
            .into_iter()
            .map(|(keys, _)| {
                let place = keys::place(&mut orders, &keys);
                (keys, place)
            })
            .collect();
        let of = |row: &Row| {
            let same =
                |keys: &[&str]| keys.iter().copied().eq(row.fields.iter().map(|(key, _)| key.as_str()));
            places.iter().find(|(keys, _)| same(keys)).map_or(0, |(_, place)| *place)
        };
        let told: Vec<(BackendName, Place, usize)> = rows
            .iter()
            .filter(|row| row.row.list == list)
            .map(|row| (row.row.backend.clone(), row.place.clone(), of(row.row)))
            .collect();
        order.keys.insert(list, orders);
        order.runs.insert(list, runs(&told));
    }
    model.order = order;
}
