//! Raw to checked; what can be wrong is found by `manifest::rules` before.

use super::raw::{RawPaths, RawRules, RawSource, RawWhen};
use super::{Borrowed, Condition, Entries, Lines, Narrowed, Paths, Rules, Shared, Source, Template, Unread};
use crate::filter::changed::Renames;

impl Rules {
    /// Takes the rules as they stand; none if a template is broken.
    pub(crate) fn from_raw(raw: RawRules) -> Option<Self> {
        Some(Self {
            matrix: raw.matrix,
            proto: raw.proto,
            renames: if raw.old_names { Renames::Both } else { Renames::New },
            dockerfiles: raw.dockerfiles,
            siblings: raw.siblings,
            known_lists: raw.known_lists,
            unplaced: raw.unplaced,
            unread: raw
                .unread_fields
                .into_iter()
                .map(|raw| Unread { fields: raw.fields, when: Condition::or_always(raw.when) })
                .collect(),
            linux_sources: sources(raw.linux_sources)?,
            darwin_sources: sources(raw.darwin_sources)?,
            ignored: Paths(raw.ignored),
            narrowed: raw
                .narrowed
                .into_iter()
                .map(|raw| Narrowed { files: paths(raw.files), entries: entries(raw.linux, raw.darwin) })
                .collect(),
            borrowed: raw
                .borrowed
                .into_iter()
                .map(|raw| Borrowed {
                    backends: raw.backends,
                    files: paths(raw.files),
                    lines: Lines(raw.lines),
                })
                .collect(),
            shared: raw
                .shared
                .into_iter()
                .map(|raw| Shared {
                    name: raw.name,
                    files: paths(raw.files),
                    lines: Lines(raw.lines),
                    additive: raw.unless_additive,
                    entries: entries(raw.linux, raw.darwin),
                })
                .collect(),
        })
    }
}

fn paths(raw: Vec<RawPaths>) -> Paths {
    Paths(raw)
}

fn entries(linux: Vec<RawWhen>, darwin: Vec<RawWhen>) -> Entries {
    Entries { linux: Condition::any(linux), darwin: Condition::any(darwin) }
}

fn sources(raw: Vec<RawSource>) -> Option<Vec<Source>> {
    let source = |raw: RawSource| {
        Some(Source { when: Condition::or_always(raw.when), dir: Template::parse(&raw.dir)? })
    };
    raw.into_iter().map(source).collect()
}
