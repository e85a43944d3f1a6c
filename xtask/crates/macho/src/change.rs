//! One pass over a file: new load commands in front, a new signature at the end, all that lies between as it is.

use std::io::{self, Read, Write};

use goblin::mach::header::SIZEOF_HEADER_64;
use goblin::mach::load_command::{LC_CODE_SIGNATURE, LC_SEGMENT_64};

use crate::bytes::{index, put, u32_le};
use crate::edit::{Names, rename};
use crate::layout::Layout;
use crate::object::Region;
use crate::sign::{Blob, Pages};
use crate::{Kind, MachError, Object};

const LINKEDIT: &[u8] = b"__LINKEDIT";
const SIGNATURE_ALIGNMENT: u64 = 16;
/// Pages of both machines are multiples of the smaller one's and parts of the larger one's.
const MEMORY_PAGE: u64 = 0x4000;
const CHUNK: usize = 1 << 17;

/// What becomes of a file.
#[derive(Clone, Debug)]
pub struct Change {
    /// Replaces the file's first bytes.
    head: Vec<u8>,
    /// How much of the old file stays.
    kept: u64,
    blob: Blob,
    /// Where the new signature lies.
    signature: Region,
}

impl Change {
    /// Plans new names and an ad-hoc signature for a file of `size` bytes that starts with `head`. `identifier` is what
    /// the signature calls it, usually the file's name.
    ///
    /// Refuses what would write over contents. An older signature goes, with what it says of entitlements.
    pub fn plan(head: &[u8], size: u64, names: &Names, identifier: &str) -> Result<Self, MachError> {
        let (layout, before) = (Layout::read(head, size)?, Object::parse(head, size)?);
        if before.kind == Kind::Other {
            return Err(MachError::Unsupported("it is not for the loader: nothing can be changed".into()));
        }
        let text = *layout.named(b"__TEXT").ok_or_else(|| MachError::malformed("no segment __TEXT"))?;
        let kept = contents_end(&layout, size)?;
        let limit = kept.next_multiple_of(SIGNATURE_ALIGNMENT);
        let blob = Blob::new(identifier, limit, text.file, before.kind == Kind::Executable)?;
        let signature = Region { offset: limit, size: blob.room() };
        let commands = rename(head, &layout, names)?;
        let head = assemble(head, &layout, commands, signature)?;

        let after = Object::parse(&head, signature.end())?;
        let same = |one: &Object, other: &Object| {
            one.dylibs.iter().map(|dylib| dylib.link).eq(other.dylibs.iter().map(|dylib| dylib.link))
        };
        if !names.are_of(&after) || !same(&before, &after) || after.signature != Some(signature) {
            return Err(MachError::malformed("its load commands cannot be read again after the change"));
        }
        Ok(Self { head, kept, blob, signature })
    }

    /// How long the new file is.
    pub fn size(&self) -> u64 {
        self.signature.end()
    }

    /// Copies the file with the change.
    pub fn write(&self, from: &mut impl Read, to: &mut impl Write) -> Result<(), MachError> {
        let mut pages = Pages::new(&self.blob);
        let mut chunk = vec![0; CHUNK];
        let mut done: u64 = 0;
        while done < self.signature.offset {
            let here = usize::try_from(self.signature.offset - done).unwrap_or(CHUNK).min(CHUNK);
            let old = usize::try_from(self.kept - self.kept.min(done)).unwrap_or(CHUNK).min(here);
            from.read_exact(&mut chunk[..old]).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => MachError::malformed("it became shorter while it was read"),
                _ => error.into(),
            })?;
            chunk[old..here].fill(0);
            if let Some(head) = usize::try_from(done).ok().and_then(|done| self.head.get(done..)) {
                let head = &head[..head.len().min(here)];
                chunk[..head.len()].copy_from_slice(head);
            }
            pages.add(&chunk[..here]);
            to.write_all(&chunk[..here])?;
            done += here as u64;
        }
        Ok(to.write_all(&pages.finish())?)
    }
}

/// Where the contents end and a signature may start. There is nothing after it, nor after __LINKEDIT.
fn contents_end(layout: &Layout, size: u64) -> Result<u64, MachError> {
    let unsupported = |what: &str| Err(MachError::Unsupported(format!("it cannot be signed: {what}")));
    let Some(linkedit) = layout.named(LINKEDIT) else { return unsupported("it has no segment __LINKEDIT") };
    let last = |segment: &&crate::layout::Segment| {
        segment.file.end() > linkedit.file.end() || segment.address > linkedit.address
    };
    if layout.segments.iter().any(|segment| last(&segment)) {
        return unsupported("__LINKEDIT is not its last segment");
    }
    let (end, first) = match layout.signature {
        Some(old) if old.offset < linkedit.file.offset => return unsupported("its signature is elsewhere"),
        Some(old) => (old.end(), old.offset),
        None => (linkedit.file.end(), linkedit.file.end()),
    };
    // Strippers leave some bytes after an old signature, or none.
    if end > linkedit.file.end() || linkedit.file.end() != size || linkedit.file.end() - end >= 16 {
        return unsupported("something follows its segment __LINKEDIT or its signature");
    }
    Ok(first)
}

/// Header and commands, with the signature's place in them, and zeros where old ones were longer.
fn assemble(
    old: &[u8],
    layout: &Layout,
    mut commands: Vec<u8>,
    signature: Region,
) -> Result<Vec<u8>, MachError> {
    let word = |value: u64| {
        let word = u32::try_from(value).map(u32::to_le_bytes);
        word.map_err(|_| MachError::Unsupported("it is larger than 4 GiB".into()))
    };
    if layout.signature.is_none() {
        commands.extend(LC_CODE_SIGNATURE.to_le_bytes());
        commands.extend([16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
    let needed = (SIZEOF_HEADER_64 + commands.len()) as u64;
    if needed > layout.first {
        return Err(MachError::NoRoom { needed, room: layout.first });
    }
    let mut head = [&old[..SIZEOF_HEADER_64], &commands].concat();
    let (mut at, mut count) = (SIZEOF_HEADER_64, 0_u32);
    while at < head.len() {
        let (kind, len) = (u32_le(&head, at)?, index(u32_le(&head, at + 4)?));
        if kind == LC_CODE_SIGNATURE {
            put(&mut head, at + 8, &[word(signature.offset)?, word(signature.size)?].concat())?;
        } else if kind == LC_SEGMENT_64 && head[at + 8..].starts_with(b"__LINKEDIT\0") {
            let linkedit = layout.named(LINKEDIT).ok_or_else(|| MachError::malformed("no __LINKEDIT"))?;
            let file = signature.end() - linkedit.file.offset;
            let memory = linkedit.memory.max(file.next_multiple_of(MEMORY_PAGE));
            put(&mut head, at + 32, &memory.to_le_bytes())?;
            put(&mut head, at + 48, &file.to_le_bytes())?;
        }
        (at, count) = (at + len, count + 1);
    }
    put(&mut head, 16, &count.to_le_bytes())?;
    put(&mut head, 20, &word(commands.len() as u64)?)?;
    head.resize(head.len().max(layout.end), 0);
    Ok(head)
}
