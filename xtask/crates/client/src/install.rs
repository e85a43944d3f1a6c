//! Installs a package as LocalAI does, so that what it would stumble over is found here.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use tar::Archive;

use crate::{Error, Result};

/// What `docker save` calls its table of contents.
const CONTENTS: &str = "manifest.json";
/// A larger one is none.
const LARGEST_CONTENTS: u64 = 1 << 20;
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// In a layer, this before a name removes what lower ones have there.
const WHITEOUT: &str = ".wh.";

/// One image of an archive.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Image {
    // LocalAI opens it, and so it has to be there.
    config: String,
    layers: Vec<String>,
}

/// Puts a package into the empty directory `to`: a directory is copied, an image archive is unpacked, layer over layer.
pub fn install(what: &Path, to: &Path) -> Result<()> {
    let fail = |reason: String| Error::Install { what: what.to_owned(), reason };
    let installed = if what.is_dir() { copy(what, to) } else { unpack(what, to) };
    installed.map_err(|error| fail(error.to_string()))?;
    match to.join("run.sh").metadata() {
        Ok(found) if found.is_file() => Ok(()),
        _ => Err(fail("there is no file `run.sh` at its top".to_owned())),
    }
}

pub(crate) fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in from.read_dir()? {
        let entry = entry?;
        let (here, there) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            std::os::unix::fs::symlink(here.read_link()?, there)?;
        } else if kind.is_dir() {
            copy(&here, &there)?;
        } else {
            std::fs::copy(here, there)?;
        }
    }
    Ok(())
}

fn unpack(archive: &Path, to: &Path) -> std::io::Result<()> {
    let malformed = |reason: &str| std::io::Error::other(reason.to_owned());
    let mut contents = Vec::new();
    let found =
        member(archive, CONTENTS, |entry| entry.take(LARGEST_CONTENTS).read_to_end(&mut contents).map(drop))?;
    if !found {
        return Err(malformed("it has no manifest.json: an OCI layout alone is none of `docker save`"));
    }
    let images: Vec<Image> = serde_json::from_slice(&contents)?;
    let [image] = images.as_slice() else { return Err(malformed("expected one image in it")) };
    if !member(archive, &image.config, |_| Ok(()))? {
        return Err(malformed("its configuration is missing"));
    }
    for layer in &image.layers {
        if !member(archive, layer, |entry| unpack_layer(entry, to))? {
            return Err(malformed("a layer is missing"));
        }
    }
    Ok(())
}

/// Hands a member of a tar to `read`; false if there is none of this name.
fn member(
    archive: &Path,
    name: &str,
    read: impl FnOnce(&mut dyn Read) -> std::io::Result<()>,
) -> std::io::Result<bool> {
    let mut archive = Archive::new(BufReader::new(File::open(archive)?));
    for entry in archive.entries_with_seek()? {
        let mut entry = entry?;
        if entry.path()? == Path::new(name) {
            return read(&mut entry).map(|()| true);
        }
    }
    Ok(false)
}

fn unpack_layer(layer: &mut dyn Read, to: &Path) -> std::io::Result<()> {
    let mut buffered = BufReader::new(layer);
    let zipped = std::io::BufRead::fill_buf(&mut buffered)?.starts_with(&GZIP);
    let plain: Box<dyn Read> =
        if zipped { Box::new(MultiGzDecoder::new(buffered)) } else { Box::new(buffered) };
    let mut tar = Archive::new(plain);
    tar.set_preserve_ownerships(false);
    for entry in tar.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match name.strip_prefix(WHITEOUT) {
            Some(hidden) => remove(to, &path.with_file_name(hidden))?,
            None => drop(entry.unpack_in(to)?),
        }
    }
    Ok(())
}

/// Removes what lower layers put at a path, if that is below `to` whatever links there are.
fn remove(to: &Path, path: &Path) -> std::io::Result<()> {
    let place = to.join(path);
    let (Some(parent), Some(name)) = (place.parent(), place.file_name()) else { return Ok(()) };
    let Ok(parent) = parent.canonicalize() else { return Ok(()) };
    if !parent.starts_with(to.canonicalize()?) {
        return Ok(());
    }
    match parent.join(name).symlink_metadata() {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(parent.join(name)),
        Ok(_) => std::fs::remove_file(parent.join(name)),
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use tar::{Builder, EntryType, Header};

    /// A tar of files, of links (`->TARGET`) and of other tars.
    fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut tar = Builder::new(Vec::new());
        for (path, bytes) in members {
            let mut header = Header::new_gnu();
            header.set_mode(0o755);
            if let Some(target) = bytes.strip_prefix(b"->") {
                header.set_entry_type(EntryType::Symlink);
                header.set_size(0);
                tar.append_link(&mut header, path, std::str::from_utf8(target).unwrap()).unwrap();
            } else {
                header.set_size(bytes.len() as u64);
                tar.append_data(&mut header, path, *bytes).unwrap();
            }
        }
        tar.into_inner().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
    }

    const CONTENTS: &[u8] = br#"[{"Config": "c", "RepoTags": null, "Layers": ["one", "two"]}]"#;

    /// What comes of installing an archive, and where.
    fn installed(members: &[(&str, &[u8])]) -> (tempfile::TempDir, Result<()>) {
        let dir = tempfile::tempdir().unwrap();
        let (archive, to) = (dir.path().join("image.tar"), dir.path().join("to"));
        std::fs::write(&archive, tar(members)).unwrap();
        std::fs::create_dir(&to).unwrap();
        let result = install(&archive, &to);
        (dir, result)
    }

    #[test]
    fn layers_lie_over_each_other_and_links_stay_links() {
        let lower =
            gzip(&tar(&[("run", b"#!"), ("lib/old", b"1"), ("lib/both", b"1"), ("run.sh", b"->run")]));
        let upper = tar(&[
            ("./lib/.wh.old", b""),
            ("./lib/both", b"2"),
            ("lib/.wh...", b""),
            ("a/link", b"->../lib"),
        ]);
        let (dir, result) =
            installed(&[("manifest.json", CONTENTS), ("c", b"{}"), ("one", &lower), ("two", &upper)]);
        result.unwrap();
        let to = dir.path().join("to");
        assert_eq!(std::fs::read(to.join("lib/both")).unwrap(), b"2");
        assert!(!to.join("lib/old").exists());
        assert_eq!(to.join("run.sh").read_link().unwrap(), Path::new("run"));
        let copied = dir.path().join("copied");
        std::fs::create_dir(&copied).unwrap();
        install(&to, &copied).unwrap();
        assert_eq!(copied.join("a/link").read_link().unwrap(), Path::new("../lib"));
    }

    #[test]
    fn what_localai_would_not_install_is_refused() {
        let layer = tar(&[("run", b"#!")]);
        let all: [(&str, &[u8]); 4] =
            [("manifest.json", CONTENTS), ("c", b"{}"), ("one", &layer), ("two", &layer)];
        for (without, why) in [
            ("manifest.json", "no manifest.json"),
            ("c", "its configuration is missing"),
            ("two", "a layer is missing"),
            ("", "no file `run.sh`"),
        ] {
            let members: Vec<_> = all.iter().copied().filter(|(name, _)| *name != without).collect();
            let error = installed(&members).1.unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn nothing_is_touched_outside() {
        let lower = tar(&[("run.sh", b"#!"), ("out", b"->..")]);
        let upper = tar(&[("out/.wh.image.tar", b""), ("out/new", b"1")]);
        let (dir, _) =
            installed(&[("manifest.json", CONTENTS), ("c", b"{}"), ("one", &lower), ("two", &upper)]);
        assert!(dir.path().join("image.tar").is_file());
        assert!(!dir.path().join("new").exists());
    }
}
