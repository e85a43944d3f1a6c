//! `ci builder`: a BuildKit in a container, as the current builder.

use crate::exit::Done;
use anyhow::{Context, Result, ensure};
use drive::bake;
use drive::error::Coded;
use drive::session::Session;
use halt::Run;
use std::process::Command;

const NAME: &str = "xtask";
/// Pinned: a release that behaves otherwise must not change images under a commit that does not change.
const IMAGE: &str = "image=moby/buildkit:v0.34.2";

/// Makes it, unless there is one that will do.
pub fn run(session: &Session) -> Result<Done> {
    if let Ok(found) = bake::find(session, None, true) {
        session.ui.done(&format!("the builder `{}` will do", found.builder.name));
        return Ok(Done::Well);
    }
    let mut command = Command::new("docker");
    command.args(["buildx", "create", "--name", NAME, "--driver", "docker-container"]);
    command.args(["--driver-opt", IMAGE, "--bootstrap", "--use"]);
    let output = Run::new(command)
        .output()
        .map_err(|error| Coded::Missing(format!("cannot run docker: {error}; install it, with buildx")))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "docker buildx create failed: {}", said.trim());
    let found = bake::find(session, None, true).context("the builder was made and cannot be used")?;
    session.ui.done(&format!("`{}` is the current builder", found.builder.name));
    Ok(Done::Well)
}
