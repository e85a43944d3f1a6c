//! Symbol versions: what a file demands of libraries and what a library defines.

use goblin::elf::dynamic::{DT_VERDEF, DT_VERDEFNUM, DT_VERNEED, DT_VERNEEDNUM};

use super::layout::Layout;
use super::{ImageError, Source};

const WEAK: u16 = 2;
const BASE: u16 = 1;
const MOST_RECORDS: u64 = 1 << 16;

/// A symbol version that a library must define.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Requirement {
    /// The library, as `needed` names it.
    pub library: String,
    /// The version, as in `GLIBC_2.34`.
    pub version: String,
}

/// Versions that must exist; weak ones may be absent.
pub(super) fn requires<S: Source + ?Sized>(layout: &Layout<'_, S>) -> Result<Vec<Requirement>, ImageError> {
    let strong = needs(layout)?.into_iter().filter(|need| need.flags & WEAK == 0);
    strong
        .map(|need| {
            Ok(Requirement { library: layout.string(need.library)?, version: layout.string(need.version)? })
        })
        .collect()
}

/// Versions that the file defines, without its own name.
pub(super) fn provides<S: Source + ?Sized>(layout: &Layout<'_, S>) -> Result<Vec<String>, ImageError> {
    let named = defines(layout)?.into_iter().filter(|define| define.flags & BASE == 0);
    named.map(|define| layout.string(define.version)).collect()
}

/// Where the names that both tables use start in the string table.
pub(super) fn names<S: Source + ?Sized>(layout: &Layout<'_, S>) -> Result<Vec<u64>, ImageError> {
    let needs = needs(layout)?.into_iter().flat_map(|need| [need.library, need.version]);
    Ok(needs.chain(defines(layout)?.into_iter().map(|define| define.version)).collect())
}

struct Need {
    library: u64,
    version: u64,
    flags: u16,
}

struct Define {
    version: u64,
    flags: u16,
}

fn needs<S: Source + ?Sized>(layout: &Layout<'_, S>) -> Result<Vec<Need>, ImageError> {
    let mut found = Vec::new();
    let Some((mut at, count)) = table(layout, DT_VERNEED, DT_VERNEEDNUM)? else { return Ok(found) };
    let mut budget = MOST_RECORDS;
    for _ in 0..count {
        let [_, _, c0, c1, f0, f1, f2, f3, a0, a1, a2, a3, n0, n1, n2, n3] = layout.bytes(at)?;
        let library = layout.u32([f0, f1, f2, f3]).into();
        let mut aux = offset(at, layout.u32([a0, a1, a2, a3]))?;
        for _ in 0..layout.u16([c0, c1]) {
            spend(&mut budget)?;
            let [_, _, _, _, f0, f1, _, _, s0, s1, s2, s3, x0, x1, x2, x3] = layout.bytes(aux)?;
            let version = layout.u32([s0, s1, s2, s3]).into();
            found.push(Need { library, version, flags: layout.u16([f0, f1]) });
            aux = offset(aux, layout.u32([x0, x1, x2, x3]))?;
        }
        at = offset(at, layout.u32([n0, n1, n2, n3]))?;
    }
    Ok(found)
}

fn defines<S: Source + ?Sized>(layout: &Layout<'_, S>) -> Result<Vec<Define>, ImageError> {
    let mut found = Vec::new();
    let Some((mut at, count)) = table(layout, DT_VERDEF, DT_VERDEFNUM)? else { return Ok(found) };
    for _ in 0..count {
        let [_, _, f0, f1, _, _, _, _, _, _, _, _, a0, a1, a2, a3, n0, n1, n2, n3] = layout.bytes(at)?;
        let version: [u8; 4] = layout.bytes(offset(at, layout.u32([a0, a1, a2, a3]))?)?;
        found.push(Define { version: layout.u32(version).into(), flags: layout.u16([f0, f1]) });
        at = offset(at, layout.u32([n0, n1, n2, n3]))?;
    }
    Ok(found)
}

/// File offset and number of records of a version table.
fn table<S: Source + ?Sized>(
    layout: &Layout<'_, S>,
    at: u64,
    number: u64,
) -> Result<Option<(u64, u64)>, ImageError> {
    let (Some(address), Some(count)) = (layout.value(at), layout.value(number)) else { return Ok(None) };
    let Some(offset) = layout.offset_of(address) else { return Ok(None) };
    if count > MOST_RECORDS {
        return Err(ImageError::malformed(format!("{count} symbol version records")));
    }
    Ok(Some((offset, count)))
}

fn offset(at: u64, by: u32) -> Result<u64, ImageError> {
    at.checked_add(by.into()).ok_or_else(|| ImageError::malformed("an offset out of range"))
}

fn spend(budget: &mut u64) -> Result<(), ImageError> {
    *budget = budget.checked_sub(1).ok_or_else(|| ImageError::malformed("too many symbol versions"))?;
    Ok(())
}
