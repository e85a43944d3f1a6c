//! Does a signature fit the bytes that it signs?

use std::io::Read;

use sha2::{Digest, Sha256};

use crate::MachError;
use crate::bytes::{array, index, u32_be};
use crate::object::Region;
use crate::sign::{DIRECTORY, HASH_LEN, HASH_SHA256, SUPERBLOB};

const MOST_BLOBS: u32 = 32;
/// From 256 bytes to 64 KiB.
const PAGE_BITS: std::ops::RangeInclusive<u8> = 8..=16;
const ADHOC_BY_LINKER: u32 = 0x2_0000;

/// Checks every page of a file against its signature, whose bytes these are; `code` is the file from its start.
///
/// A linker's own signature is refused: it tells that the file was not signed since.
pub fn verify(place: Region, signature: &[u8], code: &mut impl Read) -> Result<(), MachError> {
    let wrong = |reason: &str| MachError::Signature(reason.to_owned());
    let directory = directory(signature)?;
    let at = |offset| u32_be(directory, offset);
    if at(12)? & ADHOC_BY_LINKER != 0 {
        return Err(wrong("it is the linker's"));
    }
    let (hashes, count, limit) = (index(at(16)?), index(at(28)?), u64::from(at(32)?));
    let [_, _, _, bits] = array(directory, 36)?;
    if limit != place.offset {
        return Err(wrong("it does not reach from the file's start to the signature"));
    }
    if !PAGE_BITS.contains(&bits) || count as u64 != limit.div_ceil(1 << bits) {
        return Err(wrong("it has another number of pages than the file"));
    }
    let len = count.checked_mul(HASH_LEN).and_then(|len| len.checked_add(hashes));
    let hashes = len.and_then(|end| directory.get(hashes..end)).ok_or_else(|| wrong("hashes are missing"))?;

    let (mut left, mut page) = (limit, vec![0; 1 << bits]);
    for (number, hash) in hashes.chunks_exact(HASH_LEN).enumerate() {
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(page.len());
        code.read_exact(&mut page[..here])?;
        if Sha256::digest(&page[..here]).as_slice() != hash {
            return Err(MachError::Signature(format!("page {number} of {count} was changed")));
        }
        left -= here as u64;
    }
    Ok(())
}

/// The first directory of SHA-256 hashes in a signature.
fn directory(signature: &[u8]) -> Result<&[u8], MachError> {
    let wrong = |reason: &str| MachError::Signature(reason.to_owned());
    let count = u32_be(signature, 8)?;
    if u32_be(signature, 0)? != SUPERBLOB || count > MOST_BLOBS {
        return Err(wrong("it is no signature"));
    }
    for entry in (0..count).map(|number| 12 + index(number) * 8) {
        let at = index(u32_be(signature, entry + 4)?);
        let rest = signature.get(at..).ok_or_else(|| wrong("it names something outside of it"))?;
        if u32_be(rest, 0)? != DIRECTORY {
            continue;
        }
        let directory = rest.get(..index(u32_be(rest, 4)?)).ok_or_else(|| wrong("it ends too early"))?;
        if array::<2>(directory, 36)? == [32, HASH_SHA256] {
            return Ok(directory);
        }
    }
    Err(wrong("it has no SHA-256 hashes"))
}
