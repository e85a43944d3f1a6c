//! Edits run paths in place. The file keeps its size: an entry is removed or pointed at a shorter string.

use std::collections::BTreeSet;

use goblin::elf::dynamic::{DT_HASH, DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_SONAME, DT_SYMTAB};
use goblin::elf::section_header::{SHT_DYNSYM, SectionHeader};

use super::elf::directories;
use super::layout::{Dyn, Layout};
use super::{ImageError, Source, versions};

const MOST_SYMBOLS: u64 = 1 << 24;
const SYMBOLS_AT_ONCE: u64 = 1 << 14;

/// Bytes to write at an offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// Where in the file.
    pub offset: u64,
    /// What to write there.
    pub bytes: Vec<u8>,
}

/// The patches after which each run path holds only what `keep` leaves of its entries.
///
/// The old string is overwritten as far as no other name shares its bytes (linkers merge a name that is another's
/// tail), so that where a thing was built does not change its bytes.
pub fn relocate<S: Source + ?Sized>(
    source: &S,
    keep: impl Fn(&[String]) -> Vec<String>,
) -> Result<Vec<Patch>, ImageError> {
    let layout = Layout::read(source)?;
    let mut patches = Vec::new();
    let mut table = Vec::with_capacity(layout.dynamic.len());
    let mut names = None;
    for entry in &layout.dynamic {
        if entry.tag != DT_RPATH && entry.tag != DT_RUNPATH {
            table.push(*entry);
            continue;
        }
        let old = layout.string(entry.value)?;
        let new = keep(&directories(std::slice::from_ref(&old))).join(":");
        if new == old {
            table.push(*entry);
            continue;
        }
        if names.is_none() {
            names = names_in_use(&layout)?;
        }
        let edit = Edit { old: &old, new: &new, at: entry.value, names: names.as_ref() };
        let (value, patch) = edit.decide().ok_or_else(|| ImageError::Shared(old.clone()))?;
        table.extend(value.map(|value| Dyn { tag: entry.tag, value }));
        if let Some((at, bytes)) = patch {
            patches.push(Patch { offset: layout.string_table()?.0 + at, bytes });
        }
    }
    if table != layout.dynamic {
        table.resize(layout.dynamic.len(), Dyn { tag: 0, value: 0 });
        let words = table.iter().flat_map(|entry| [entry.tag, entry.value]);
        let bytes = words.flat_map(|word| layout.word_bytes(word)).collect();
        patches.push(Patch { offset: layout.dynamic_at, bytes });
    }
    Ok(patches)
}

/// One run path string to change; offsets are into the string table.
struct Edit<'a> {
    old: &'a str,
    new: &'a str,
    at: u64,
    /// Where other names start; none if that cannot be told.
    names: Option<&'a BTreeSet<u64>>,
}

/// Bytes to write at an offset of the string table.
type StringPatch = (u64, Vec<u8>);

impl Edit<'_> {
    /// The entry's new value (none: no entry) and the string to write; nothing at all if there is no room.
    fn decide(&self) -> Option<(Option<u64>, Option<StringPatch>)> {
        let end = self.at + self.old.len() as u64;
        // What may be overwritten ends where the first other name starts.
        let free = match self.names {
            Some(names) => names.range(self.at..end).next().copied().unwrap_or(end),
            None => self.at,
        };
        let room = usize::try_from(free - self.at).ok()?;
        if self.new.is_empty() {
            return Some((None, (room > 0).then(|| (self.at, vec![0; room]))));
        }
        let fits = self.new.len() < room || (self.new.len() == room && free == end);
        if fits {
            let mut bytes = self.new.as_bytes().to_vec();
            bytes.resize(room, 0);
            return Some((Some(self.at), Some((self.at, bytes))));
        }
        let front = self.old.strip_suffix(self.new)?.len();
        let wipe = room.min(front);
        Some((Some(self.at + front as u64), (wipe > 0).then(|| (self.at, vec![0; wipe]))))
    }
}

/// Where names other than run paths start in the string table, as far as that is inside of a run path.
fn names_in_use<S: Source + ?Sized>(layout: &Layout<'_, S>) -> Result<Option<BTreeSet<u64>>, ImageError> {
    let Some((symbols, count)) = symbol_table(layout)? else { return Ok(None) };
    let (paths, others): (Vec<&Dyn>, Vec<&Dyn>) =
        layout.dynamic.iter().partition(|entry| [DT_RPATH, DT_RUNPATH].contains(&entry.tag));
    let mut spans = Vec::new();
    for path in paths {
        spans.push(path.value..path.value + layout.string(path.value)?.len() as u64);
    }
    let inside = |name: &u64| spans.iter().any(|span| span.contains(name));
    let others = others
        .into_iter()
        .filter(|entry| [DT_NEEDED, DT_SONAME].contains(&entry.tag) || is_other_string(entry.tag));
    let known = others.map(|entry| entry.value).chain(versions::names(layout)?);
    let mut names: BTreeSet<u64> = known.filter(inside).collect();
    let size: u64 = if layout.is_64() { 24 } else { 16 };
    let mut done = 0;
    while done < count {
        let some = SYMBOLS_AT_ONCE.min(count - done);
        let len = usize::try_from(some * size).unwrap_or(usize::MAX);
        let bytes = layout.source.read_at(symbols + done * size, len)?;
        for symbol in bytes.chunks_exact(if layout.is_64() { 24 } else { 16 }) {
            names
                .extend(Some(layout.u32([symbol[0], symbol[1], symbol[2], symbol[3]]).into()).filter(inside));
        }
        done += some;
    }
    Ok(Some(names))
}

/// `DT_AUXILIARY`, `DT_FILTER`, `DT_CONFIG`, `DT_DEPAUDIT`, `DT_AUDIT`.
fn is_other_string(tag: u64) -> bool {
    [0x7fff_fffd, 0x7fff_ffff, 0x6fff_fefa, 0x6fff_fefb, 0x6fff_fefc].contains(&tag)
}

/// File offset and length of the dynamic symbol table. Only section headers or `DT_HASH` tell the length.
fn symbol_table<S: Source + ?Sized>(layout: &Layout<'_, S>) -> Result<Option<(u64, u64)>, ImageError> {
    let header = &layout.header;
    let count = usize::from(header.e_shnum);
    let bytes = layout.source.read_at(header.e_shoff, count * SectionHeader::size(layout.ctx))?;
    if let Ok(sections) = SectionHeader::parse_from(&bytes, 0, count, layout.ctx)
        && let Some(section) = sections.iter().find(|section| section.sh_type == SHT_DYNSYM)
    {
        let size = if layout.is_64() { 24 } else { 16 };
        return bounded(section.sh_offset, section.sh_size / size);
    }
    let hash = layout.value(DT_HASH).and_then(|address| layout.offset_of(address));
    let symbols = layout.value(DT_SYMTAB).and_then(|address| layout.offset_of(address));
    let (Some(hash), Some(symbols)) = (hash, symbols) else { return Ok(None) };
    let [_, _, _, _, n0, n1, n2, n3] = layout.bytes(hash)?;
    bounded(symbols, layout.u32([n0, n1, n2, n3]).into())
}

fn bounded(at: u64, count: u64) -> Result<Option<(u64, u64)>, ImageError> {
    if count > MOST_SYMBOLS || at > u64::MAX / 2 {
        return Err(ImageError::malformed(format!("{count} dynamic symbols at {at}")));
    }
    Ok(Some((at, count)))
}
