//! Ad-hoc signatures, as `codesign --sign -` makes them: hashes of every page, and no identity.

use sha2::{Digest, Sha256};

use crate::MachError;
use crate::object::Region;

pub(crate) const SUPERBLOB: u32 = 0xfade_0cc0;
pub(crate) const DIRECTORY: u32 = 0xfade_0c02;
const REQUIREMENTS: u32 = 0xfade_0c01;
const WRAPPER: u32 = 0xfade_0b01;

/// With it the signature says which segment may execute.
const VERSION: u32 = 0x2_0400;
const FLAG_ADHOC: u32 = 2;
const EXEC_MAIN_BINARY: u64 = 1;
pub(crate) const HASH_LEN: usize = 32;
pub(crate) const HASH_SHA256: u8 = 2;
pub(crate) const PAGE: usize = 1 << PAGE_BITS;
const PAGE_BITS: u8 = 12;
/// The requirements and the (absent) Info.plist are hashed too.
const SPECIAL_SLOTS: usize = 2;
const DIRECTORY_LEN: usize = 88;
/// Three entries in the index.
const INDEX_LEN: usize = 12 + 3 * 8;

/// A signature without the hashes of the pages.
#[derive(Clone, Debug)]
pub(crate) struct Blob {
    /// All up to those hashes.
    front: Vec<u8>,
    /// All after them.
    back: Vec<u8>,
    pages: usize,
}

impl Blob {
    /// A signature of the first `limit` bytes of a file.
    pub(crate) fn new(identifier: &str, limit: u64, text: Region, main: bool) -> Result<Self, MachError> {
        let large = |_| MachError::Unsupported("it is larger than 4 GiB".into());
        let pages = u32::try_from(limit.div_ceil(PAGE as u64)).map_err(large)?;
        let hashes = DIRECTORY_LEN + identifier.len() + 1 + SPECIAL_SLOTS * HASH_LEN;
        let directory = hashes + pages as usize * HASH_LEN;
        let requirements = [REQUIREMENTS, 12, 0].map(u32::to_be_bytes).concat();
        let back = [requirements.clone(), [WRAPPER, 8].map(u32::to_be_bytes).concat()].concat();

        let word = |value: usize| u32::try_from(value).map_err(large);
        let mut front = Vec::with_capacity(INDEX_LEN + hashes);
        let after = INDEX_LEN + directory;
        let index = [0, word(INDEX_LEN)?, 2, word(after)?, 0x1_0000, word(after + requirements.len())?];
        for word in [SUPERBLOB, word(after + back.len())?, 3].into_iter().chain(index) {
            front.extend(word.to_be_bytes());
        }
        let (limit, slots) = (u32::try_from(limit).map_err(large)?, word(SPECIAL_SLOTS)?);
        let words = [
            DIRECTORY,
            word(directory)?,
            VERSION,
            FLAG_ADHOC,
            word(hashes)?,
            word(DIRECTORY_LEN)?,
            slots,
            pages,
            limit,
        ];
        front.extend(words.iter().flat_map(|word| word.to_be_bytes()));
        front.extend([32, HASH_SHA256, 0, PAGE_BITS]);
        // Scatter, team and the limit for files beyond 4 GiB: none.
        front.extend([0; 4 * 4 + 8]);
        let flags = if main { EXEC_MAIN_BINARY } else { 0 };
        front.extend([text.offset, text.size, flags].iter().flat_map(|word| word.to_be_bytes()));
        front.extend(identifier.as_bytes());
        front.push(0);
        front.extend(Sha256::digest(&requirements));
        front.extend([0; HASH_LEN]);
        Ok(Self { front, back, pages: pages as usize })
    }

    /// What it takes in the file.
    pub(crate) fn room(&self) -> u64 {
        let len = self.front.len() + self.pages * HASH_LEN + self.back.len();
        (len as u64).next_multiple_of(16)
    }
}

/// Hashes pages as they go by, for a signature.
pub(crate) struct Pages<'a> {
    blob: &'a Blob,
    made: Vec<u8>,
}

impl<'a> Pages<'a> {
    pub(crate) fn new(blob: &'a Blob) -> Self {
        let mut made = Vec::with_capacity(usize::try_from(blob.room()).unwrap_or(0));
        made.extend(&blob.front);
        Self { blob, made }
    }

    /// The next bytes of the file: whole pages, but for the last.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        bytes.chunks(PAGE).for_each(|page| self.made.extend(Sha256::digest(page)));
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.made.extend(&self.blob.back);
        self.made.resize(self.made.len().next_multiple_of(16), 0);
        self.made
    }
}
