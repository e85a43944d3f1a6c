//! Numbers in bytes; what lies outside is an error.

use crate::MachError;

pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], MachError> {
    let found = at.checked_add(N).and_then(|end| bytes.get(at..end)).and_then(|found| found.try_into().ok());
    found.ok_or_else(|| MachError::malformed(format!("it ends before offset {at} + {N}")))
}

/// Load commands are little-endian.
pub(crate) fn u32_le(bytes: &[u8], at: usize) -> Result<u32, MachError> {
    array(bytes, at).map(u32::from_le_bytes)
}

pub(crate) fn u64_le(bytes: &[u8], at: usize) -> Result<u64, MachError> {
    array(bytes, at).map(u64::from_le_bytes)
}

/// Signatures and fat headers are big-endian.
pub(crate) fn u32_be(bytes: &[u8], at: usize) -> Result<u32, MachError> {
    array(bytes, at).map(u32::from_be_bytes)
}

/// Overwrites what is there.
pub(crate) fn put(bytes: &mut [u8], at: usize, value: &[u8]) -> Result<(), MachError> {
    let place = at.checked_add(value.len()).and_then(|end| bytes.get_mut(at..end));
    place.ok_or_else(|| MachError::malformed(format!("it ends before offset {at}")))?.copy_from_slice(value);
    Ok(())
}

/// A file offset as an index.
pub(crate) fn index(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
