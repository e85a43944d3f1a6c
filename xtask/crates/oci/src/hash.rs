//! Digests of bytes and files.

use crate::error::RegistryError;
use camino::Utf8Path;
use model::oci::{Algorithm, ImageDigest};
use model::source::Sha256;
use sha2::Digest as _;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};

/// The digest of some bytes, as registries compute it.
pub fn digest(bytes: &[u8]) -> ImageDigest {
    let digest: [u8; 32] = sha2::Sha256::digest(bytes).into();
    ImageDigest::from(&Sha256::from(digest))
}

/// The digest of all that `reader` yields.
fn digest_as(algorithm: Algorithm, reader: impl Read) -> io::Result<ImageDigest> {
    let hex = match algorithm {
        Algorithm::Sha256 => hash::<sha2::Sha256>(reader)?,
        Algorithm::Sha512 => hash::<sha2::Sha512>(reader)?,
    };
    format!("{}:{hex}", algorithm.as_str()).parse().map_err(io::Error::other)
}

fn hash<D: sha2::Digest>(mut reader: impl Read) -> io::Result<String> {
    let (mut hasher, mut buffer) = (D::new(), vec![0; 128 * 1024]);
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => hasher.update(buffer.get(..n).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

/// Fails unless the bytes have this digest.
pub(crate) fn verify(doing: &str, bytes: &[u8], expected: &ImageDigest) -> Result<(), RegistryError> {
    let found = digest_as(expected.algorithm(), bytes);
    compare(doing, found.map_err(|e| RegistryError::malformed(doing, &e))?, expected)
}

/// Fails unless the file has this digest.
pub(crate) fn verify_file(doing: &str, path: &Utf8Path, expected: &ImageDigest) -> Result<(), RegistryError> {
    let file = File::open(path).map_err(|e| RegistryError::io("opening", path, e))?;
    let found = digest_as(expected.algorithm(), file).map_err(|e| RegistryError::io("hashing", path, e))?;
    compare(doing, found, expected)
}

/// The digest and length of a file.
pub fn digest_file(path: &Utf8Path) -> Result<(ImageDigest, u64), RegistryError> {
    let file = File::open(path).map_err(|e| RegistryError::io("opening", path, e))?;
    let bytes = file.metadata().map_err(|e| RegistryError::io("reading", path, e))?.len();
    let digest = digest_as(Algorithm::Sha256, file).map_err(|e| RegistryError::io("hashing", path, e))?;
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
    fn known_values() {
        let abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".parse().unwrap();
        assert_eq!(digest(b"abc"), abc);
        assert!(verify("testing", b"abc", &abc).is_ok());
        let error = verify("testing", b"abd", &abc).unwrap_err().to_string();
        assert!(error.contains("expected sha256:ba7816"), "{error}");
        let long = digest_as(Algorithm::Sha512, &b""[..]).unwrap();
        assert!(long.hex().starts_with("cf83e1357eefb8bd"));
    }
}
