//! `--output`: the package as a directory, or as an OCI image.

use super::Built;
use crate::session::Session;
use crate::workplace::Workplace;
use anyhow::{Context, Result};
use camino::Utf8Path;
use model::unit::UnitId;
use oci::layout::{self, Compression, ImageSpec};
use oci::{ImageDigest, Repository, Tag};
use pack::{Manifest, Scratch};

/// The label of an image that says which key its package has.
pub const KEY_LABEL: &str = "package.key";

/// Writes a finished package to `output`: an image if the name ends in `.tar`, else a directory.
pub fn export(session: &Session, built: &Built, output: &Utf8Path) -> Result<()> {
    if output.extension() == Some("tar") {
        let scratch = Scratch::beside(output)?;
        let tar = scratch.join("image.tar");
        let digest = image(built, Compression::default(), &scratch.join("layout"), &tar)?;
        fs_err::rename(tar, output)?;
        session.ui.note(&format!("{output} holds {digest}"));
        return Ok(());
    }
    if let Some(entry) = session.store()?.lookup(&built.key)? {
        entry.restore(output.as_std_path())?;
    } else {
        super::remove(output)?;
        super::copy_tree(&built.package, output)?;
    }
    session.ui.note(&format!("{output} holds the package"));
    Ok(())
}

/// `--load`: hands the package to the local Docker as an image.
pub fn load(session: &Session, built: &Built) -> Result<()> {
    let place = Workplace::new(session, "load")?;
    let (dir, tar) = (place.dir(), place.dir().join("image.tar"));
    let progress = session.ui.progress(&format!("{} · docker load", built.unit.backend));
    let result = image(built, Compression::None, &dir.join("layout"), &tar).and_then(|_| {
        let mut cmd = exec::resolved::Resolved::new("docker", dir).args(["load", "--input", tar.as_str()]);
        // The client finds its daemon through the user's own variables.
        cmd.env = exec::environment::users();
        exec::run::run(&cmd, &session.scratch("logs")?.join("docker-load.log"), |line| progress.line(line))
            .context("the image was not loaded; `docker load` needs a running Docker daemon")
    });
    progress.finish(&session.ui);
    result?;
    let (repository, tag) = name(&built.unit)?;
    session.ui.note(&format!("docker has {repository}:{tag}"));
    Ok(())
}

/// Writes the image of a package, started by its launcher.
fn image(built: &Built, compression: Compression, scratch: &Utf8Path, out: &Utf8Path) -> Result<ImageDigest> {
    let spec = ImageSpec { compression, ..image_spec(&built.unit, Manifest::read(&built.package)?)? };
    fs_err::create_dir(scratch)?;
    let written = layout::write(&built.package, &spec, scratch, out);
    Ok(written.with_context(|| format!("cannot write the image {out}"))?.digest)
}

/// What the image of a package says of itself.
pub fn image_spec(unit: &UnitId, manifest: Manifest) -> Result<ImageSpec> {
    let (repository, tag) = name(unit)?;
    let labels = [
        ("org.opencontainers.image.title", manifest.name),
        (KEY_LABEL, manifest.key),
        ("package.variant", manifest.variant),
    ];
    Ok(ImageSpec {
        repository,
        tag,
        platform: manifest.platform,
        entrypoint: vec![format!("/{}", pack::RUN_FILE)],
        labels: labels.map(|(name, value)| (name.to_owned(), value)).into(),
        compression: Compression::default(),
    })
}

/// What an image is called that never leaves this machine.
fn name(unit: &UnitId) -> Result<(Repository, Tag)> {
    Ok((format!("localhost/{}", unit.backend).parse()?, unit.variant.as_str().parse()?))
}
