//! Where things lie in a thin 64-bit file: load commands, segments, the room between commands and contents.

use goblin::mach::header::{MH_CIGAM, MH_CIGAM_64, MH_MAGIC, MH_MAGIC_64, SIZEOF_HEADER_64};
use goblin::mach::load_command::{LC_CODE_SIGNATURE, LC_SEGMENT_64};

use crate::MachError;
use crate::bytes::{array, index, u32_le, u64_le};
use crate::object::Region;

/// More than any linker writes: the largest libraries have some ten kilobytes.
const MOST_COMMAND_BYTES: usize = 4 << 20;
const SEGMENT_LEN: usize = 72;
const SECTION_LEN: usize = 80;

/// One load command: its number, and where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Command {
    pub(crate) kind: u32,
    pub(crate) at: usize,
    pub(crate) len: usize,
}

/// One segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) name: [u8; 16],
    pub(crate) address: u64,
    pub(crate) memory: u64,
    pub(crate) file: Region,
}

/// The skeleton of a file.
pub(crate) struct Layout {
    pub(crate) cpu: (u32, u32),
    pub(crate) file_type: u32,
    pub(crate) commands: Vec<Command>,
    pub(crate) segments: Vec<Segment>,
    /// Where the commands end.
    pub(crate) end: usize,
    /// Where the first contents are: commands may grow up to here.
    pub(crate) first: u64,
    pub(crate) signature: Option<Region>,
}

/// How many of a file's first bytes are its header and load commands, told from at least the first 32.
pub fn head_len(bytes: &[u8]) -> Result<usize, MachError> {
    let unsupported = |what: &str| Err(MachError::Unsupported(format!("it is a {what} Mach-O file")));
    match u32_le(bytes, 0)? {
        MH_MAGIC_64 => {}
        MH_CIGAM_64 | MH_CIGAM => return unsupported("big-endian"),
        MH_MAGIC => return unsupported("32-bit"),
        _ => return Err(MachError::malformed("it has another magic number")),
    }
    let len = index(u32_le(bytes, 20)?);
    if len > MOST_COMMAND_BYTES {
        return Err(MachError::malformed(format!("{len} bytes of load commands")));
    }
    Ok(SIZEOF_HEADER_64 + len)
}

impl Layout {
    /// Reads the first [`head_len`] bytes of a file of `size` bytes.
    pub(crate) fn read(head: &[u8], size: u64) -> Result<Self, MachError> {
        let end = head_len(head)?;
        let head = head.get(..end).ok_or_else(|| MachError::malformed("it ends within its load commands"))?;
        let mut layout = Self {
            cpu: (u32_le(head, 4)?, u32_le(head, 8)?),
            file_type: u32_le(head, 12)?,
            commands: commands(head, u32_le(head, 16)?)?,
            segments: Vec::new(),
            end,
            first: size,
            signature: None,
        };
        for command in layout.commands.clone() {
            match command.kind {
                LC_SEGMENT_64 => layout.segment(head, command, size)?,
                LC_CODE_SIGNATURE => {
                    let (offset, len) = (u32_le(head, command.at + 8)?, u32_le(head, command.at + 12)?);
                    let region = Region { offset: offset.into(), size: len.into() };
                    if region.end() > size || layout.signature.replace(region).is_some() {
                        return Err(MachError::malformed("a signature beyond its end, or two"));
                    }
                }
                _ => {}
            }
        }
        if layout.first < end as u64 {
            return Err(MachError::malformed("its load commands lie over its contents"));
        }
        Ok(layout)
    }

    fn segment(&mut self, head: &[u8], command: Command, size: u64) -> Result<(), MachError> {
        let at = command.at;
        let sections = index(u32_le(head, at + 64)?);
        let fits = sections.checked_mul(SECTION_LEN).and_then(|len| len.checked_add(SEGMENT_LEN));
        if fits.is_none_or(|len| len > command.len) {
            return Err(MachError::malformed(format!("{sections} sections in one segment")));
        }
        let segment = Segment {
            name: array(head, at + 8)?,
            address: u64_le(head, at + 24)?,
            memory: u64_le(head, at + 32)?,
            file: Region { offset: u64_le(head, at + 40)?, size: u64_le(head, at + 48)? },
        };
        let end = segment.file.offset.checked_add(segment.file.size).filter(|end| *end <= size);
        let Some(end) = end else {
            return Err(MachError::malformed("a segment reaches beyond its end"));
        };
        if segment.file.size > 0 {
            // The first segment starts at 0, with the header: its sections and its end tell.
            let contents = if segment.file.offset > 0 { segment.file.offset } else { end };
            self.first = self.first.min(contents);
        }
        for section in (0..sections).map(|number| at + SEGMENT_LEN + number * SECTION_LEN) {
            let (len, offset) = (u64_le(head, section + 40)?, u32_le(head, section + 48)?);
            let kind = u32_le(head, section + 64)? & 0xff;
            // S_ZEROFILL, S_GB_ZEROFILL and S_THREAD_LOCAL_ZEROFILL have no bytes in the file.
            if len > 0 && offset > 0 && ![0x1, 0xc, 0x12].contains(&kind) {
                self.first = self.first.min(offset.into());
            }
        }
        self.segments.push(segment);
        Ok(())
    }

    /// The segment of a name.
    pub(crate) fn named(&self, name: &[u8]) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.name.starts_with(name) && segment.name[name.len()] == 0)
    }
}

fn commands(head: &[u8], count: u32) -> Result<Vec<Command>, MachError> {
    let mut commands = Vec::new();
    let mut at = SIZEOF_HEADER_64;
    for number in 0..count {
        let (kind, len) = (u32_le(head, at)?, index(u32_le(head, at + 4)?));
        if len < 8 || len % 4 != 0 || len > head.len() - at {
            return Err(MachError::malformed(format!("load command {number} has {len} bytes")));
        }
        commands.push(Command { kind, at, len });
        at += len;
    }
    if at != head.len() {
        return Err(MachError::malformed("its load commands have another length than its header says"));
    }
    Ok(commands)
}
