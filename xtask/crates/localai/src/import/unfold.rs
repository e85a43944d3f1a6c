//! From layers back to rows.

use super::document::{List, Row};
use super::keys;
use super::model::{DARWIN, Depth, Item, Model};
use model::name::BackendName;
use std::collections::BTreeMap;

/// A row, and what it is called in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfolded {
    /// The row; its line is that of nothing.
    pub row: Row,
    /// Variant and platform.
    pub item: Item,
}

/// All rows, those for Linux first.
pub fn unfold(model: &Model) -> Vec<Unfolded> {
    let mut rows: Vec<(Unfolded, bool)> = Vec::new();
    for (name, backend) in &model.backends {
        for item in &backend.items {
            let fields = model.layered(name, backend, item, Depth::Item);
            let list = if item.platform == DARWIN { List::Darwin } else { List::Linux };
            let tagged = item.fields.contains_key("platform-tag");
            let mut fields: Vec<(String, String)> = fields.into_iter().collect();
            fields.push(("backend".to_owned(), name.to_string()));
            let row = Row { list, backend: name.clone(), fields, line: 0 };
            rows.push((Unfolded { row, item: item.clone() }, tagged));
        }
    }
    let suffix = |row: &Row| row.get("tag-suffix").unwrap_or_default().to_owned();
    let all: Vec<(List, String)> = rows.iter().map(|(one, _)| (one.row.list, suffix(&one.row))).collect();
    let tags = tags(all.iter().map(|(list, suffix)| (*list, suffix.as_str())));
    for ((one, tagged), (list, suffix)) in rows.iter_mut().zip(&all) {
        if let Some(tag) = platform_tag(&tags, (*list, suffix), &one.item.platform).filter(|_| !*tagged) {
            one.row.fields.push(("platform-tag".to_owned(), tag.to_owned()));
        }
    }
    ordered(model, rows.into_iter().map(|(one, _)| one).collect())
}

/// How many rows have a suffix.
pub(super) fn tags<'a>(suffixes: impl Iterator<Item = (List, &'a str)>) -> BTreeMap<(List, &'a str), usize> {
    let mut counts = BTreeMap::new();
    for suffix in suffixes {
        *counts.entry(suffix).or_default() += 1;
    }
    counts
}

/// The `platform-tag` of a row: that of its platform where others share its suffix.
pub(super) fn platform_tag<'p>(
    tags: &BTreeMap<(List, &str), usize>,
    suffix: (List, &str),
    platform: &'p str,
) -> Option<&'p str> {
    let several = tags.get(&suffix).is_some_and(|count| *count > 1);
    (several && suffix.0 == List::Linux).then_some(platform)
}

fn ordered(model: &Model, rows: Vec<Unfolded>) -> Vec<Unfolded> {
    let mut waiting: BTreeMap<(BackendName, String, String), Vec<usize>> = BTreeMap::new();
    let key = |name: &BackendName, variant: &str, platform: &str| {
        (name.clone(), variant.to_owned(), platform.to_owned())
    };
    for (index, one) in rows.iter().enumerate().rev() {
        let Item { variant, platform, .. } = &one.item;
        waiting.entry(key(&one.row.backend, variant.as_str(), platform)).or_default().push(index);
    }
    let mut rows: Vec<Option<Unfolded>> = rows.into_iter().map(Some).collect();
    let mut sorted = Vec::with_capacity(rows.len());
    for list in List::ALL {
        let none = Vec::new();
        let orders = model.order.keys.get(&list).unwrap_or(&none);
        let empty = Vec::new();
        let order = |index: usize| orders.get(index).or(orders.first()).unwrap_or(&empty);
        for run in model.order.runs.get(&list).into_iter().flatten() {
            for (name, (variant, platform)) in run.rows.each() {
                let next = waiting.get_mut(&key(name, variant.as_str(), platform)).and_then(Vec::pop);
                if let Some(mut one) = next.and_then(|index| rows[index].take()) {
                    keys::sort(&mut one.row.fields, order(run.keys));
                    sorted.push(one);
                }
            }
        }
        for slot in &mut rows {
            if slot.as_ref().is_some_and(|one| one.row.list == list)
                && let Some(mut one) = slot.take()
            {
                keys::sort(&mut one.row.fields, order(0));
                sorted.push(one);
            }
        }
    }
    sorted
}
