//! Finds a package's manifest in a layer of its image.

use std::io::{BufReader, Read, Seek};

use camino::Utf8Path;
use flate2::read::MultiGzDecoder;
use tar::{Archive, Entry, EntryType};

use crate::PackError;
use crate::manifest::{MANIFEST_FILE, Manifest};

/// Python packages list every file of many wheels.
const LARGEST: u64 = 64 << 20;
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The manifest of the package in a layer; none if the layer holds no package. Nothing is unpacked.
pub fn manifest_in(layer: &Utf8Path) -> Result<Option<Manifest>, PackError> {
    for entry in open(layer)?.entries()? {
        let entry = entry?;
        let here = entry.path_bytes();
        let here = here.strip_prefix(b"./").unwrap_or(&here);
        if entry.header().entry_type() == EntryType::Regular && here == MANIFEST_FILE.as_bytes() {
            return parse(layer, entry).map(Some);
        }
    }
    Ok(None)
}

/// The tar that a layer is, whether it is compressed or not.
pub(super) fn open(layer: &Utf8Path) -> Result<Archive<Box<dyn Read>>, PackError> {
    let mut file = BufReader::new(fs_err::File::open(layer)?);
    let mut magic = Vec::new();
    (&mut file).take(ZSTD.len() as u64).read_to_end(&mut magic)?;
    file.rewind()?;
    if magic.starts_with(&ZSTD) {
        let reason = "a layer compressed with zstd; this program reads gzip and plain ones".to_owned();
        return Err(PackError::Malformed { path: layer.to_owned(), reason });
    }
    let reader: Box<dyn Read> =
        if magic.starts_with(&GZIP) { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    Ok(Archive::new(reader))
}

/// The manifest that an entry of a layer is.
pub(super) fn parse<R: Read>(layer: &Utf8Path, entry: Entry<'_, R>) -> Result<Manifest, PackError> {
    let path = layer.join(MANIFEST_FILE);
    if entry.size() > LARGEST {
        let reason = format!("{} bytes; expected at most {LARGEST}", entry.size());
        return Err(PackError::Malformed { path, reason });
    }
    let mut text = String::new();
    entry.take(LARGEST).read_to_string(&mut text)?;
    Manifest::parse(&text, &path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;
    use tar::{Builder, Header};

    const MANIFEST: &str = r#"{"components":{},"extra_libraries":[],"files":{},"format":1,"host_libraries":[],
        "key":"k","name":"alpha","platform":"linux/amd64","variant":"cpu","versions":{}}"#;

    fn tar(files: &[(&str, &str)]) -> Vec<u8> {
        let mut tar = Builder::new(Vec::new());
        for (path, text) in files {
            let mut header = Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, path, text.as_bytes()).unwrap();
        }
        tar.into_inner().unwrap()
    }

    fn look(layer: &[u8]) -> Result<Option<String>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(dir.path()).unwrap().join("layer");
        fs_err::write(&path, layer).unwrap();
        manifest_in(&path).map(|found| found.map(|package| package.name)).map_err(|error| error.to_string())
    }

    #[test]
    fn found_in_plain_and_compressed_layers_and_nowhere_but_at_the_top() {
        let whole = tar(&[("lib/package.json", "no"), ("./package.json", MANIFEST), ("run", "x")]);
        assert_eq!(look(&whole), Ok(Some("alpha".to_owned())));
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&whole).unwrap();
        assert_eq!(look(&gzip.finish().unwrap()), Ok(Some("alpha".to_owned())));
        assert_eq!(look(&tar(&[("lib/package.json", "no")])), Ok(None));
        assert!(look(&tar(&[("package.json", "{}")])).unwrap_err().contains("missing field"));
        assert!(look(&[0x28, 0xb5, 0x2f, 0xfd, 0]).unwrap_err().contains("zstd"));
    }
}
