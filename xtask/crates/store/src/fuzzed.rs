//! Readers of files that are nobody's business but this crate's, for the fuzz targets.

use crate::records::Records;

/// Reads the file of the stat cache and the stamps; with its checksum made right, which no bytes have by chance.
pub fn read_records(bytes: &[u8]) {
    for bytes in [bytes.to_vec(), Records::with_checksum(bytes)] {
        if let Ok(records) = Records::from_bytes(&bytes) {
            assert_eq!(Records::from_bytes(&records.to_bytes()).as_ref(), Ok(&records));
        }
    }
}
