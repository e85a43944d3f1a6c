//! Room on a disk: a download ends while there is still enough for everybody else.

use crate::error::TransferError;
use camino::Utf8Path;

/// Bytes that are left alone.
pub const RESERVE: u64 = 256 << 20;

/// Fails if so many bytes more in the directory would leave less than [`RESERVE`].
pub fn check_room(dir: &Utf8Path, bytes: u64) -> Result<(), TransferError> {
    let stat = rustix::fs::statvfs(dir.as_std_path());
    let stat = stat.map_err(|error| TransferError::file("asking for room in", dir, error.into()))?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    if is_enough(free, bytes) {
        return Ok(());
    }
    Err(TransferError::NoRoom { dir: dir.to_owned(), bytes, free })
}

fn is_enough(free: u64, bytes: u64) -> bool {
    free.checked_sub(bytes).is_some_and(|left| left >= RESERVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_always_left() {
        assert!(is_enough(RESERVE, 0) && is_enough(RESERVE + 5, 5));
        assert!(!is_enough(RESERVE + 5, 6) && !is_enough(0, 0) && !is_enough(1, u64::MAX));
        let error = check_room(Utf8Path::new("."), u64::MAX).unwrap_err().to_string();
        assert!(error.contains("no room"), "{error}");
    }
}
