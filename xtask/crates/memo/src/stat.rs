//! What `lstat` tells about a file, as far as it betrays a change.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Kernels stamp files with a clock that ticks every 1 to 10 ms: what changed later than this before the
/// reading may change again without showing it.
const RACY: Duration = Duration::from_millis(50);
/// The same for file systems that count whole seconds (or pairs of them).
const RACY_COARSE: Duration = Duration::from_millis(2050);

/// The identity of a file's content as far as the file system shows it without reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// In bytes.
    pub size: u64,
    /// Nanoseconds since 1970.
    pub mtime: i64,
    /// Nanoseconds since 1970; unlike `mtime` no program can choose it.
    pub ctime: i64,
    /// The file's number in its file system.
    pub inode: u64,
    /// What it is, and who may do what with it.
    pub mode: u32,
}

impl Stat {
    /// How many bytes stand for one.
    pub const BYTES: usize = 36;

    /// What the system told of a file.
    pub fn of(meta: &Metadata) -> Self {
        let nanos = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
        Self {
            size: meta.size(),
            mtime: nanos(meta.mtime(), meta.mtime_nsec()),
            ctime: nanos(meta.ctime(), meta.ctime_nsec()),
            inode: meta.ino(),
            mode: meta.mode(),
        }
    }

    /// Reads what `to_bytes` made.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let word = |at: usize| std::array::from_fn(|byte| bytes[at + byte]);
        Self {
            size: u64::from_le_bytes(word(0)),
            mtime: i64::from_le_bytes(word(8)),
            ctime: i64::from_le_bytes(word(16)),
            inode: u64::from_le_bytes(word(24)),
            mode: u32::from_le_bytes(std::array::from_fn(|byte| bytes[32 + byte])),
        }
    }

    /// As it is written into files.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(&self.size.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.mtime.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.ctime.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.inode.to_le_bytes());
        bytes[32..].copy_from_slice(&self.mode.to_le_bytes());
        bytes
    }

    /// Whether it is neither a directory nor a link nor anything rarer.
    pub const fn is_file(&self) -> bool {
        self.mode & 0o170_000 == 0o100_000
    }

    /// Whether it is a symbolic link.
    pub const fn is_link(&self) -> bool {
        self.mode & 0o170_000 == 0o120_000
    }

    /// Whether its owner may run it.
    pub const fn is_executable(&self) -> bool {
        self.mode & 0o100 != 0
    }

    /// True where a change after `reading_began` must show in the file's times.
    pub fn is_settled(&self, reading_began: i64) -> bool {
        let coarse = self.mtime % 1_000_000_000 == 0 && self.ctime % 1_000_000_000 == 0;
        let margin = if coarse { RACY_COARSE } else { RACY };
        let limit = reading_began.saturating_sub(i64::try_from(margin.as_nanos()).unwrap_or(i64::MAX));
        self.mtime < limit && self.ctime < limit
    }
}

/// The time, in nanoseconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    #[test]
    fn bytes_give_back_what_they_were_made_of() {
        let stat =
            Stat { size: u64::MAX - 1, mtime: -2, ctime: i64::MAX - 3, inode: 4 << 40, mode: 0o100_755 };
        assert_eq!(Stat::from_bytes(&stat.to_bytes()), stat);
    }

    #[test]
    fn a_file_is_settled_when_its_times_cannot_repeat() {
        let began = 100 * SECOND + 7;
        let settled = |mtime, ctime| Stat { size: 3, mtime, ctime, inode: 1, mode: 0 }.is_settled(began);
        assert!(settled(99 * SECOND + 1, 99 * SECOND + 1));
        assert!(!settled(began, 99 * SECOND + 1), "changed while it was read");
        assert!(!settled(1, began - 1_000_000), "its times could repeat within one tick");
        assert!(!settled(1, 200 * SECOND), "from the future");
        assert!(!settled(99 * SECOND, 99 * SECOND), "a clock of whole seconds");
        assert!(settled(97 * SECOND, 97 * SECOND));
    }
}
