//! Which entries are new or say something else than before.

use matrixfile::{Entry, Value, append};
use std::collections::{HashMap, HashSet};

/// An entry's fields as JSON, sorted by key.
fn fingerprint(entry: &Entry<'_>, unread: &dyn Fn(&Entry<'_>, &str) -> bool) -> Vec<u8> {
    let mut fields: Vec<(&str, &Value<'_>)> = entry.fields().filter(|(key, _)| !unread(entry, key)).collect();
    fields.sort_by_key(|(key, _)| *key);
    let mut out = Vec::with_capacity(512);
    // Text and numbers are always JSON; two entries that could not be written would count as different.
    if append(&mut out, &fields).is_err() {
        out.clear();
    }
    out
}

/// Positions in `current` of entries that `previous` does not have in the same words. `unread` names fields that no
/// build reads.
pub(super) fn changed(
    current: &[Entry<'_>],
    previous: &[Entry<'_>],
    unread: &dyn Fn(&Entry<'_>, &str) -> bool,
) -> HashSet<usize> {
    // Of entries with one identity the last counts.
    let before: HashMap<_, _> =
        previous.iter().map(|entry| (entry.identity(), fingerprint(entry, unread))).collect();
    let differs = |entry: &Entry<'_>| before.get(&entry.identity()) != Some(&fingerprint(entry, unread));
    // A change of one entry is a change of all that have its identity.
    let identities: HashSet<_> = current.iter().filter(|entry| differs(entry)).map(Entry::identity).collect();
    let has = |(index, entry): (usize, &Entry<'_>)| identities.contains(&entry.identity()).then_some(index);
    current.iter().enumerate().filter_map(has).collect()
}
