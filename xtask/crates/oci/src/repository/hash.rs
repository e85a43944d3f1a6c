//! Digests of files, and whether what came is what was asked for.

use crate::error::RegistryError;
use camino::Utf8Path;
use model::oci::{Algorithm, ImageDigest};
use std::fs::File;

/// Fails unless the bytes have this digest.
pub(crate) fn verify(doing: &str, bytes: &[u8], expected: &ImageDigest) -> Result<(), RegistryError> {
    let found = ImageDigest::compute(expected.algorithm(), bytes);
    compare(doing, found.map_err(|e| RegistryError::malformed(doing, &e))?, expected)
}

/// Fails unless the file has this digest.
pub(crate) fn verify_file(doing: &str, path: &Utf8Path, expected: &ImageDigest) -> Result<(), RegistryError> {
    compare(doing, compute(path, expected.algorithm())?.0, expected)
}

/// The digest and length of a file.
pub(crate) fn digest_file(path: &Utf8Path) -> Result<(ImageDigest, u64), RegistryError> {
    compute(path, Algorithm::Sha256)
}

fn compute(path: &Utf8Path, algorithm: Algorithm) -> Result<(ImageDigest, u64), RegistryError> {
    let file = File::open(path).map_err(|e| RegistryError::io("opening", path, e))?;
    let bytes = file.metadata().map_err(|e| RegistryError::io("reading", path, e))?.len();
    let digest = ImageDigest::compute(algorithm, file).map_err(|e| RegistryError::io("hashing", path, e))?;
    Ok((digest, bytes))
}

fn compare(doing: &str, found: ImageDigest, expected: &ImageDigest) -> Result<(), RegistryError> {
    if found == *expected {
        return Ok(());
    }
    Err(RegistryError::Digest { doing: doing.to_owned(), expected: expected.clone(), found })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_bytes_are_told() {
        let abc = ImageDigest::sha256(b"abc");
        assert!(verify("testing", b"abc", &abc).is_ok());
        let error = verify("testing", b"abd", &abc).unwrap_err().to_string();
        assert!(error.contains("expected sha256:ba7816"), "{error}");
    }
}
