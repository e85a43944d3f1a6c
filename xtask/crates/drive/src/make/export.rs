//! `--output`: the package as a directory, or as an OCI image.

use super::Built;
use crate::session::Session;
use crate::workplace::Workplace;
use anyhow::{Context, Result};
use camino::Utf8Path;
use pack::Manifest;
use pack::oci::{Compression, Form, ImageSpec, Written};

/// Writes a finished package to `output`: an image if the name ends in `.tar`, else a directory.
pub fn export(session: &Session, built: &Built, output: &Utf8Path) -> Result<()> {
    if output.extension() == Some("tar") {
        let written = image(built, Compression::default(), output)?;
        session.ui.note(&format!("{output} holds {}", written.digest));
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
    let result = image(built, Compression::None, &tar).and_then(|_| {
        let mut cmd = exec::places::Resolved::new("docker", dir).args(["load", "--input", tar.as_str()]);
        // The client finds its daemon through the user's own variables.
        cmd.env = exec::environment::users();
        exec::run::run(&cmd, &session.scratch("logs")?.join("docker-load.log"), |line| progress.line(line))
            .context("the image was not loaded; `docker load` needs a running Docker daemon")
    });
    progress.finish(&session.ui);
    result?;
    session.ui.note(&format!("docker has {}", reference(built)));
    Ok(())
}

fn image(built: &Built, compression: Compression, output: &Utf8Path) -> Result<Written> {
    let manifest = Manifest::read(&built.package)?;
    let spec = ImageSpec { compression, ..ImageSpec::of(&manifest, reference(built)) };
    pack::oci::write(&built.package, &spec, output, Form::Tar)
        .with_context(|| format!("cannot write the image {output}"))
}

/// What an image is called that never leaves this machine.
fn reference(built: &Built) -> String {
    format!("localhost/{}:{}", built.unit.backend, built.unit.variant)
}
