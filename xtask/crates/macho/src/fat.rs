//! Fat files: several Mach-O files in one.

use goblin::mach::fat::{FAT_MAGIC, SIZEOF_FAT_ARCH};

use crate::bytes::{index, u32_be};
use crate::{Cpu, MachError};

/// Java classes share the magic number; their next word is a version above 44, never a number of architectures.
const MOST_SLICES: u32 = 40;
const SIZEOF_FAT_HEADER: usize = 8;

/// One file inside of a fat one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// What it is made for.
    pub cpu: Cpu,
    /// Where it starts.
    pub offset: u64,
    /// Its length.
    pub size: u64,
}

/// The files inside of a fat file, whose first bytes these are, 4 KiB at most; none if it is no fat file.
pub fn slices(head: &[u8], size: u64) -> Result<Vec<Slice>, MachError> {
    let (Ok(FAT_MAGIC), Ok(count)) = (u32_be(head, 0), u32_be(head, 4)) else { return Ok(Vec::new()) };
    if count == 0 || count >= MOST_SLICES {
        return Ok(Vec::new());
    }
    let slice = |at: u32| {
        let at = SIZEOF_FAT_HEADER + index(at) * SIZEOF_FAT_ARCH;
        let slice = Slice {
            cpu: Cpu::of(u32_be(head, at)?, u32_be(head, at + 4)?),
            offset: u32_be(head, at + 8)?.into(),
            size: u32_be(head, at + 12)?.into(),
        };
        if slice.offset + slice.size > size {
            return Err(MachError::malformed("a slice of a fat file reaches beyond its end"));
        }
        Ok(slice)
    };
    (0..count).map(slice).collect()
}
