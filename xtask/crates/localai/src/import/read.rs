//! The model from its three YAML texts.

use super::document::List;
use super::fold::key;
use super::model::{Backend, Item, Layer, Model, Way};
use super::order::{Order, Place, Rows, Run};
use super::source::Source;
use camino::{Utf8Path, Utf8PathBuf};
use model::manifest::Diagnostic;
use model::manifest::Id;
use model::name::{BackendName, VariantName};
use model::text::suggest;
use std::collections::BTreeMap;

/// The table.
pub(super) const VARIANTS: &str = "variants.yaml";
/// The lists.
pub(super) const BACKENDS: &str = "backends.yaml";
/// The order, which may be missing.
pub(super) const ORDER: &str = "order.yaml";

/// The files of a model, and whether each must be there.
pub const MODEL: [(&str, bool); 3] = [(VARIANTS, true), (BACKENDS, true), (ORDER, false)];

/// Reads the texts of a directory.
pub fn read(dir: &Utf8Path, texts: &BTreeMap<String, String>) -> Result<Model, Vec<Diagnostic>> {
    let text = |name: &str| texts.get(name).map_or("", String::as_str);
    let mut model = Model::default();
    let file = |name: &str| -> Utf8PathBuf { dir.join(name) };
    let mut source = Source::parse(&file(VARIANTS), text(VARIANTS))?;
    variants(&mut source, &mut model);
    source.finish(())?;
    let mut source = Source::parse(&file(BACKENDS), text(BACKENDS))?;
    backends(&mut source, &mut model);
    source.finish(())?;
    if texts.contains_key(ORDER) {
        let mut source = Source::parse(&file(ORDER), text(ORDER))?;
        model.order = order(&mut source);
        source.finish(())?;
    }
    Ok(model)
}

fn variants(source: &mut Source<'_>, model: &mut Model) {
    let [rows, platforms, families, variants] =
        source.known(0, ["rows", "platforms", "families", "variants"]);
    if let Some(rows) = rows {
        let lists = source.known(rows, List::ALL.map(List::key));
        for (list, id) in List::ALL.into_iter().zip(lists) {
            if let Some(id) = id {
                let layer = layer(source, id);
                model.rows.insert(list, layer);
            }
        }
    }
    model.platforms = layers(source, platforms);
    model.families = layers(source, families);
    for (name, key, id) in variants.map(|id| source.map(id)).unwrap_or_default() {
        let Some(name) = source.name::<VariantName>(key, &name) else { continue };
        let [platforms, fields, families, bases] =
            source.known(id, ["platforms", "fields", "families", "bases"]);
        let way = Way {
            platforms: platforms.map(|id| words(source, id)).unwrap_or_default(),
            fields: fields.map(|id| layer(source, id)).unwrap_or_default(),
            families: layers(source, families),
            bases: bases.map(|id| texts(source, id)).unwrap_or_default(),
        };
        model.variants.insert(name, way);
    }
}

fn backends(source: &mut Source<'_>, model: &mut Model) {
    for (name, at, id) in source.map(0) {
        let Some(name) = source.name::<BackendName>(at, &name) else { continue };
        let [family, prebuilt, fields, variants, odd] =
            source.known(id, ["family", "prebuilt", "fields", "variants", "odd"]);
        let mut backend = Backend {
            family: family.and_then(|id| source.text(id)),
            prebuilt: prebuilt.is_some_and(|id| truth(source, id)),
            fields: fields.map(|id| layer(source, id)).unwrap_or_default(),
            items: Vec::new(),
        };
        for id in variants.map(|id| source.list(id)).unwrap_or_default() {
            if let Some(text) = source.text(id) {
                backend.items.extend(places(source, model, id, &text).map(plain));
            }
        }
        for id in odd.map(|id| source.list(id)).unwrap_or_default() {
            for (text, at, value) in source.map(id) {
                let fields = layer(source, value);
                let items = places(source, model, at, &text).map(plain);
                backend.items.extend(items.map(|item| Item { fields: fields.clone(), ..item }));
            }
        }
        backend.items.sort_by(|a, b| key(a).cmp(&key(b)));
        model.backends.insert(name, backend);
    }
}

fn plain((variant, platform): Place) -> Item {
    Item { variant, platform, fields: Layer::new() }
}

/// `vulkan`, on all its platforms, or `vulkan/arm64`.
fn places(source: &mut Source<'_>, model: &Model, id: Id, text: &str) -> impl Iterator<Item = Place> + use<> {
    let (name, platform) = text.split_once('/').map_or((text, None), |(name, one)| (name, Some(one)));
    let found = model.variants.get_key_value(name);
    let places: Vec<Place> = match (found, platform) {
        (Some((variant, way)), None) => {
            way.platforms.iter().map(|platform| (variant.clone(), platform.clone())).collect()
        }
        (Some((variant, way)), Some(one)) if way.platforms.iter().any(|known| known == one) => {
            vec![(variant.clone(), one.to_owned())]
        }
        (Some((_, way)), Some(one)) => {
            let hint = suggest::hint(one, way.platforms.iter().map(String::as_str));
            let help = format!("it exists on {}", way.platforms.join(", "));
            source.wrong(id, format!("variant `{name}` does not exist on `{one}`{hint}"), help);
            Vec::new()
        }
        (None, _) => {
            let hint = suggest::hint(name, model.variants.keys().map(VariantName::as_str));
            source.wrong(id, format!("{VARIANTS} has no variant `{name}`{hint}"), None);
            Vec::new()
        }
    };
    places.into_iter()
}

fn order(source: &mut Source<'_>) -> Order {
    let mut order = Order::default();
    let lists = source.known(0, List::ALL.map(List::key));
    for (list, id) in List::ALL.into_iter().zip(lists) {
        let Some(id) = id else { continue };
        let [keys, runs] = source.known(id, ["keys", "runs"]);
        let keys: Vec<Vec<String>> = keys
            .map(|id| source.list(id))
            .unwrap_or_default()
            .into_iter()
            .map(|id| words(source, id))
            .collect();
        let runs = runs.map(|id| source.list(id)).unwrap_or_default();
        let runs = runs.into_iter().filter_map(|id| run(source, id, keys.len())).collect();
        order.keys.insert(list, keys);
        order.runs.insert(list, runs);
    }
    order
}

fn run(source: &mut Source<'_>, id: Id, orders: usize) -> Option<Run> {
    let [of, rows, keys] = source.known(id, ["of", "rows", "keys"]);
    let (Some(of), Some(rows)) = (of, rows) else {
        source.wrong(id, "expected `of` and `rows`", None);
        return None;
    };
    let keys = keys.map_or(0, |id| {
        let number = source.tree.text(id).and_then(|text| text.parse().ok());
        number.filter(|number| *number < orders).unwrap_or_else(|| {
            source.wrong(id, format!("expected a number below {orders}"), None);
            0
        })
    });
    let name = source.text(of)?;
    let mut words = Vec::new();
    for id in source.list(rows) {
        words.extend(source.text(id).map(|text| (text, id)));
    }
    let rows = if let Some(of) = place(&name) {
        Rows::Place(of, words.into_iter().filter_map(|(text, id)| source.name(id, &text)).collect())
    } else {
        let mut places = Vec::new();
        for (text, id) in words {
            match place(&text) {
                Some(place) => places.push(place),
                None => source.wrong(id, format!("`{text}` is no row: expected variant/platform"), None),
            }
        }
        Rows::Backend(source.name(of, &name)?, places)
    };
    Some(Run { keys, rows })
}

fn place(text: &str) -> Option<Place> {
    let (variant, platform) = text.split_once('/')?;
    Some((variant.parse().ok()?, platform.to_owned()))
}

fn layers(source: &mut Source<'_>, id: Option<Id>) -> BTreeMap<String, Layer> {
    let entries = id.map(|id| source.map(id)).unwrap_or_default();
    entries.into_iter().map(|(name, _, id)| (name, layer(source, id))).collect()
}

fn layer(source: &mut Source<'_>, id: Id) -> Layer {
    let mut layer = Layer::new();
    for (name, _, id) in source.map(id) {
        if source.is_null(id) {
            layer.insert(name, None);
        } else if let Some(text) = source.text(id) {
            layer.insert(name, Some(text));
        }
    }
    layer
}

fn texts(source: &mut Source<'_>, id: Id) -> BTreeMap<String, String> {
    let entries = source.map(id);
    entries.into_iter().filter_map(|(name, _, id)| source.text(id).map(|text| (name, text))).collect()
}

fn words(source: &mut Source<'_>, id: Id) -> Vec<String> {
    let items = source.list(id);
    items.into_iter().filter_map(|id| source.text(id)).collect()
}

fn truth(source: &mut Source<'_>, id: Id) -> bool {
    let value = source.tree.text(id).and_then(|text| text.parse().ok());
    if value.is_none() {
        source.wrong(id, "expected true or false", None);
    }
    value.unwrap_or_default()
}
