//! Installs packages of a bundle where LocalAI looks for them.

use super::read::{Bundle, Image};
use crate::session::Session;
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use model::name::BackendName;
use model::oci::ImageDigest;
use model::platform::Platform;
use model::time::calendar::rfc3339;
use pack::Scratch;
use std::io::{ErrorKind, Write};
use std::time::SystemTime;

/// What LocalAI keeps beside what it installed.
const METADATA: &str = "metadata.json";

/// A package that was installed.
#[derive(Debug, serde::Serialize)]
pub struct Installed {
    /// The name of its directory.
    pub name: BackendName,
    /// The backend that it is.
    pub alias: BackendName,
    /// Where it is.
    pub path: Utf8PathBuf,
    /// The image.
    pub digest: ImageDigest,
}

/// Installs the packages of a platform: all of them are unpacked and verified before the first takes its place.
pub fn install(
    session: &Session,
    bundle: &Bundle,
    images: &[&Image],
    platform: Platform,
    into: &Utf8Path,
) -> Result<Vec<Installed>> {
    let mut staged = Vec::new();
    for image in images {
        let Some(leg) = image.legs.iter().find(|leg| leg.platform == platform) else { continue };
        let path = into.join(image.name.as_str());
        let scratch = Scratch::beside(&path)?;
        let new = scratch.join("package");
        let progress = session.ui.progress(&format!("{} · unpack", image.name));
        bundle.unpack(image, leg, &new)?;
        progress.finish(&session.ui);
        let installed = Installed {
            name: image.name.clone(),
            alias: image.alias.clone(),
            path,
            digest: image.list.digest.clone(),
        };
        let metadata = serde_json::json!({
            "name": installed.name, "alias": installed.alias, "digest": installed.digest,
            "installed_at": rfc3339(SystemTime::now()),
        });
        // What a package has under this name is not written through.
        let mut file = fs_err::File::create_new(new.join(METADATA))?;
        file.write_all(&serde_json::to_vec_pretty(&metadata)?)?;
        staged.push((scratch, installed));
    }
    for (scratch, Installed { path, .. }) in &staged {
        swap(&scratch.join("package"), path, &scratch.join("old"))
            .with_context(|| format!("cannot put a package at {path}"))?;
    }
    Ok(staged.into_iter().map(|(_, installed)| installed).collect())
}

/// Puts a directory in the place of another, or leaves that.
fn swap(new: &Utf8Path, at: &Utf8Path, old: &Utf8Path) -> std::io::Result<()> {
    let had = match at.symlink_metadata() {
        Ok(meta) if meta.is_dir() => fs_err::rename(at, old).map(|()| true)?,
        Ok(_) => return Err(std::io::Error::other("something that is no directory is there")),
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        Err(error) => return Err(error),
    };
    fs_err::rename(new, at).inspect_err(|_| {
        if had {
            drop(fs_err::rename(old, at));
        }
    })
}
