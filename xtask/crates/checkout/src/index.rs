//! Git's index: which paths are tracked. Its format is in git's own documentation, `gitformat-index`.
//!
//! A file of our own that reads it, because the question is asked before each build, of thousands of files, and starting git
//! takes as long as all the rest. What is not plain (a split or a sparse index, another hash) is left to git.

/// What an index says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index {
    /// Paths of files and links below the prefix, without it, in the order of their bytes.
    pub files: Vec<String>,
    /// Paths of repositories within this one, likewise.
    pub submodules: Vec<String>,
}

const HEADER: usize = 12;
const CHECKSUM: usize = 20;
/// From the times to the object's name: what lies before the flags.
const FIXED: usize = 40 + CHECKSUM;
const EXTENDED: u16 = 0x4000;

/// Reads an index. `prefix` is empty or ends with `/`; paths that are not UTF-8 are left out. None for an index that only
/// git itself can read.
pub fn parse(bytes: &[u8], prefix: &str) -> Option<Index> {
    let mut reader = Reader { bytes: bytes.get(..bytes.len().checked_sub(CHECKSUM)?)?, at: 0 };
    if reader.take(4)? != b"DIRC" {
        return None;
    }
    let version = reader.number()?;
    if !(2..=4).contains(&version) {
        return None;
    }
    let count = reader.number()?;
    let mut index = Index::default();
    let mut path: Vec<u8> = Vec::new();
    for _ in 0..count {
        let mode = reader.entry(version, &mut path)?;
        let Some(text) = std::str::from_utf8(&path).ok().and_then(|path| path.strip_prefix(prefix)) else {
            continue;
        };
        let list = match mode {
            0o100_644 | 0o100_755 | 0o100_664 | 0o120_000 => &mut index.files,
            0o160_000 => &mut index.submodules,
            // A directory of a sparse index, or no index of this kind at all.
            _ => return None,
        };
        // An unmerged path stands there once for each side.
        if list.last().is_none_or(|last| last != text) {
            list.push(text.to_owned());
        }
    }
    reader.only_known_extensions()?;
    Some(index)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// The mode of the next entry; its path replaces the last one's.
    fn entry(&mut self, version: u32, path: &mut Vec<u8>) -> Option<u32> {
        let start = self.at;
        let fixed = self.take(FIXED)?;
        let mode = u32::from_be_bytes(fixed.get(24..28)?.try_into().ok()?);
        let flags = u16::from_be_bytes(self.take(2)?.try_into().ok()?);
        if flags & EXTENDED != 0 {
            (version > 2).then(|| self.take(2)).flatten()?;
        }
        if version == 4 {
            let dropped = self.offset()?;
            path.truncate(path.len().checked_sub(dropped)?);
        } else {
            path.clear();
        }
        let rest = self.bytes.get(self.at..)?;
        let length = rest.iter().position(|byte| *byte == 0)?;
        path.extend_from_slice(&rest[..length]);
        self.at += length + 1;
        if version < 4 {
            // One to eight NULs, up to the next multiple of eight.
            let padding = (8 - (self.at - start) % 8) % 8;
            if self.take(padding)?.iter().any(|byte| *byte != 0) {
                return None;
            }
        }
        (!path.is_empty()).then_some(mode)
    }

    /// How many bytes of the last path an entry of version 4 drops, in the encoding of offsets in packs.
    fn offset(&mut self) -> Option<usize> {
        let mut byte = self.take(1)?[0];
        let mut value = usize::from(byte & 127);
        while byte & 128 != 0 {
            byte = self.take(1)?[0];
            value = value.checked_add(1)?.checked_mul(128)? | usize::from(byte & 127);
        }
        Some(value)
    }

    /// Reads to the end: extensions in capitals may be passed over, others change what the entries mean.
    fn only_known_extensions(&mut self) -> Option<()> {
        debug_assert!(self.at >= HEADER);
        while self.at < self.bytes.len() {
            if !self.take(4)?[0].is_ascii_uppercase() {
                return None;
            }
            let length = self.number()?;
            self.take(usize::try_from(length).ok()?)?;
        }
        Some(())
    }
}
