//! Where things lie inside an ELF file: segments, the dynamic section, its string table.

use goblin::container::{Container, Ctx, Endian};
use goblin::elf::Elf;
use goblin::elf::dynamic::{DT_NULL, DT_STRSZ, DT_STRTAB};
use goblin::elf::header::Header;
use goblin::elf::program_header::{PT_DYNAMIC, PT_INTERP, PT_LOAD, ProgramHeader};

use super::{ImageError, Source};

const HEADER_LEN: usize = 64;
const LONGEST_STRING: usize = 64 * 1024;
const MOST_SEGMENTS: usize = 4096;
const MOST_DYNAMIC_BYTES: usize = 1 << 20;

/// One entry of the dynamic section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dyn {
    pub(super) tag: u64,
    pub(super) value: u64,
}

/// The skeleton of an ELF file.
pub(super) struct Layout<'a, S: Source + ?Sized> {
    pub(super) source: &'a S,
    pub(super) header: Header,
    pub(super) ctx: Ctx,
    segments: Vec<ProgramHeader>,
    /// File offset of the dynamic section; 0 if there is none.
    pub(super) dynamic_at: u64,
    /// Its entries up to the terminator.
    pub(super) dynamic: Vec<Dyn>,
    /// File offset and size of the dynamic string table.
    strings: Option<(u64, u64)>,
}

impl<'a, S: Source + ?Sized> Layout<'a, S> {
    pub(super) fn read(source: &'a S) -> Result<Self, ImageError> {
        let head = source.read_at(0, HEADER_LEN)?;
        let header = Elf::parse_header(&head).map_err(|error| ImageError::malformed(error.to_string()))?;
        let container = header.container().map_err(|error| ImageError::malformed(error.to_string()))?;
        let endian = header.endianness().map_err(|error| ImageError::malformed(error.to_string()))?;
        let ctx = Ctx::new(container, endian);
        let count = usize::from(header.e_phnum);
        if count > MOST_SEGMENTS {
            return Err(ImageError::malformed(format!("{count} segments")));
        }
        let table = source.read_at(header.e_phoff, count * ProgramHeader::size(ctx))?;
        let segments = ProgramHeader::parse(&table, 0, count, ctx)
            .map_err(|error| ImageError::malformed(error.to_string()))?;
        let mut layout =
            Self { source, header, ctx, segments, dynamic_at: 0, dynamic: Vec::new(), strings: None };
        layout.read_dynamic()?;
        Ok(layout)
    }

    pub(super) fn is_64(&self) -> bool {
        self.ctx.container == Container::Big
    }

    /// The value of the first entry with this tag.
    pub(super) fn value(&self, tag: u64) -> Option<u64> {
        self.dynamic.iter().find(|entry| entry.tag == tag).map(|entry| entry.value)
    }

    /// The strings that all entries with this tag point at.
    pub(super) fn strings_of(&self, tag: u64) -> Result<Vec<String>, ImageError> {
        self.dynamic.iter().filter(|entry| entry.tag == tag).map(|entry| self.string(entry.value)).collect()
    }

    /// The program that the kernel starts instead.
    pub(super) fn interpreter(&self) -> Result<Option<String>, ImageError> {
        let Some(segment) = self.segments.iter().find(|segment| segment.p_type == PT_INTERP) else {
            return Ok(None);
        };
        let len = usize::try_from(segment.p_filesz).unwrap_or(usize::MAX).min(LONGEST_STRING);
        Ok(Some(until_nul(&self.source.read_at(segment.p_offset, len)?)))
    }

    /// Where an address lies in the file.
    pub(super) fn offset_of(&self, address: u64) -> Option<u64> {
        let inside = |segment: &&ProgramHeader| {
            segment.p_type == PT_LOAD
                && address.checked_sub(segment.p_vaddr).is_some_and(|into| into < segment.p_filesz)
        };
        let segment = self.segments.iter().find(inside)?;
        segment.p_offset.checked_add(address - segment.p_vaddr)
    }

    /// A name in the dynamic string table.
    pub(super) fn string(&self, at: u64) -> Result<String, ImageError> {
        let (start, size) = self.string_table()?;
        if at >= size {
            return Err(ImageError::malformed(format!("a name at {at} of a string table of {size} bytes")));
        }
        let most = usize::try_from(size - at).unwrap_or(usize::MAX).min(LONGEST_STRING);
        let short = self.source.read_at(start + at, most.min(256))?;
        if short.contains(&0) {
            return Ok(until_nul(&short));
        }
        Ok(until_nul(&self.source.read_at(start + at, most)?))
    }

    /// File offset and size of the dynamic string table.
    pub(super) fn string_table(&self) -> Result<(u64, u64), ImageError> {
        self.strings.ok_or_else(|| ImageError::malformed("no dynamic string table"))
    }

    /// `N` bytes at a file offset.
    pub(super) fn bytes<const N: usize>(&self, offset: u64) -> Result<[u8; N], ImageError> {
        let bytes = self.source.read_at(offset, N)?;
        bytes.try_into().map_err(|_| ImageError::malformed(format!("it ends before offset {offset} + {N}")))
    }

    pub(super) fn u16(&self, bytes: [u8; 2]) -> u16 {
        if self.ctx.le == Endian::Little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) }
    }

    pub(super) fn u32(&self, bytes: [u8; 4]) -> u32 {
        if self.ctx.le == Endian::Little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }
    }

    /// An address-sized word from the front of `bytes`.
    fn word(&self, bytes: &[u8]) -> u64 {
        let mut wide = [0; 8];
        let len = bytes.len().min(8);
        if self.ctx.le == Endian::Little {
            wide[..len].copy_from_slice(&bytes[..len]);
            u64::from_le_bytes(wide)
        } else {
            wide[8 - len..].copy_from_slice(&bytes[..len]);
            u64::from_be_bytes(wide)
        }
    }

    /// The bytes of an address-sized word.
    pub(super) fn word_bytes(&self, word: u64) -> Vec<u8> {
        let len = if self.is_64() { 8 } else { 4 };
        if self.ctx.le == Endian::Little {
            word.to_le_bytes()[..len].to_vec()
        } else {
            word.to_be_bytes()[8 - len..].to_vec()
        }
    }

    fn read_dynamic(&mut self) -> Result<(), ImageError> {
        let Some(segment) = self.segments.iter().find(|segment| segment.p_type == PT_DYNAMIC) else {
            return Ok(());
        };
        let word = if self.is_64() { 8 } else { 4 };
        let len = usize::try_from(segment.p_filesz).unwrap_or(usize::MAX).min(MOST_DYNAMIC_BYTES);
        let bytes = self.source.read_at(segment.p_offset, len)?;
        self.dynamic_at = segment.p_offset;
        self.dynamic = bytes
            .chunks_exact(2 * word)
            .map(|entry| Dyn { tag: self.word(&entry[..word]), value: self.word(&entry[word..]) })
            .take_while(|entry| entry.tag != DT_NULL)
            .collect();
        if let (Some(address), Some(size)) = (self.value(DT_STRTAB), self.value(DT_STRSZ)) {
            // An address that no segment maps means a file without its contents, as detached debug files are.
            self.strings = self.offset_of(address).map(|offset| (offset, size));
        }
        Ok(())
    }
}

fn until_nul(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}
