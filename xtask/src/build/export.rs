//! `--output`: the package as a directory, or as an OCI image.

use super::Built;
use crate::session::Session;
use anyhow::{Context, Result};
use camino::Utf8Path;
use pack::Manifest;
use pack::oci::{Form, ImageSpec};

/// Writes a finished package to `output`: an image if the name ends in `.tar`, else a directory.
pub fn export(session: &Session, built: &Built, output: &Utf8Path) -> Result<()> {
    if output.extension() == Some("tar") {
        let manifest = Manifest::read(&built.package)?;
        let unit = &built.unit;
        let spec = ImageSpec::of(&manifest, format!("localhost/{}:{}", unit.backend, unit.variant));
        let written = pack::oci::write(&built.package, &spec, output, Form::Tar)
            .with_context(|| format!("cannot write the image {output}"))?;
        session.ui.note(&format!("{output} holds {}", written.digest));
        return Ok(());
    }
    let key = built.key.as_str().parse()?;
    match session.store()?.lookup(&key)? {
        Some(entry) => drop(entry.restore(output.as_std_path())?),
        None => super::unit::replace(&built.package, output)?,
    }
    session.ui.note(&format!("{output} holds the package"));
    Ok(())
}
