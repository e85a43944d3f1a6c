//! The binary file behind the stat cache and the stamps: a checked header, then one record a file.

use memo::{Reader, Stat};
use model::digest::Digest;

const MAGIC: &[u8; 8] = b"xtstat\r\n";
const VERSION: u32 = 1;
const HEADER: usize = 8 + 4 + 4 + 8 + 32 + 32;

/// A list of files with what `lstat` said of each and the digest of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Records {
    /// Whose files these are: the digest of a root, or a key.
    pub owner: Digest,
    /// When they were written, in nanoseconds since 1970.
    pub written: i64,
    /// Sorted by path.
    pub files: Vec<(String, Stat, Digest)>,
}

/// Why a file was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Another program's file, or too short to be one of ours.
    Alien,
    /// Written by another version of this format.
    Version,
    /// Its checksum does not match.
    Damaged,
}

impl Records {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out =
            Vec::with_capacity(HEADER + self.files.iter().map(|(path, ..)| path.len() + 70).sum::<usize>());
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&u32::try_from(self.files.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(&self.written.to_le_bytes());
        out.extend_from_slice(self.owner.as_bytes());
        out.extend_from_slice(&[0; 32]);
        for (path, stat, digest) in &self.files {
            out.extend_from_slice(&stat.to_bytes());
            out.extend_from_slice(digest.as_bytes());
            out.extend_from_slice(&u32::try_from(path.len()).unwrap_or(u32::MAX).to_le_bytes());
            out.extend_from_slice(path.as_bytes());
        }
        Self::with_checksum(&out)
    }

    /// The same bytes with the checksum that belongs to them.
    pub(crate) fn with_checksum(bytes: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        if out.len() >= HEADER {
            let checksum = checksum(&out);
            out[HEADER - 32..HEADER].copy_from_slice(checksum.as_bytes());
        }
        out
    }

    /// Reads what `to_bytes` wrote; never panics, whatever the bytes.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut reader = Reader(bytes);
        if reader.take(8) != Some(MAGIC) {
            return Err(Unreadable::Alien);
        }
        if reader.u32().ok_or(Unreadable::Alien)? != VERSION {
            return Err(Unreadable::Version);
        }
        if bytes.len() < HEADER || checksum(bytes).as_bytes() != &bytes[HEADER - 32..HEADER] {
            return Err(Unreadable::Damaged);
        }
        Self::body(reader).ok_or(Unreadable::Damaged)
    }

    fn body(mut reader: Reader<'_>) -> Option<Self> {
        let count = reader.u32()?;
        let (written, owner) = (reader.i64()?, digest(&mut reader)?);
        reader.take(32)?;
        let mut files = Vec::new();
        for _ in 0..count {
            let stat = Stat::from_bytes(&reader.array()?);
            let digest = digest(&mut reader)?;
            let path = std::str::from_utf8(reader.sized()?).ok()?;
            files.push((path.to_owned(), stat, digest));
        }
        let sorted = files.windows(2).all(|pair| pair[0].0 < pair[1].0);
        (sorted && reader.0.is_empty()).then_some(Self { owner, written, files })
    }
}

fn checksum(bytes: &[u8]) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&bytes[..HEADER - 32]).update(&bytes[HEADER..]);
    hasher.finalize().into()
}

fn digest(reader: &mut Reader<'_>) -> Option<Digest> {
    reader.array().map(Digest::from_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Records {
        let stat = |size| Stat { size, mtime: -1, ctime: i64::MAX, inode: 7, mode: 0o100_644 };
        Records {
            owner: Digest::of(b"root"),
            written: 42,
            files: vec![
                ("a/ü".into(), stat(0), Digest::of(b"")),
                ("b".into(), stat(u64::MAX), Digest::of(b"b")),
            ],
        }
    }

    #[test]
    fn a_flipped_bit_a_cut_or_a_tail_is_noticed() {
        let bytes = sample().to_bytes();
        assert_eq!(Records::from_bytes(&bytes), Ok(sample()));
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << (at % 8);
            assert!(Records::from_bytes(&bad).is_err(), "byte {at}");
            assert!(Records::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
        }
        assert!(Records::from_bytes(&[bytes, vec![0]].concat()).is_err());
    }
}
