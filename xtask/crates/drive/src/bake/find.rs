//! Finds the client, and a builder that can do what is wanted.

use crate::error::Coded;
use crate::session::Session;
use anyhow::Result;
use exec::buildx::{Buildx, BuildxError};

/// The named builder, else the current one. What is missing has its own exit code.
pub fn find(session: &Session, builder: Option<&str>, pushes: bool) -> Result<Buildx> {
    let buildx = exec::buildx::find(&session.search_path()?, builder).map_err(missing)?;
    let (name, driver) = (&buildx.builder.name, &buildx.builder.driver);
    if pushes && !driver.pushes() {
        let (builder, driver) = (name.clone(), driver.to_string());
        return Err(missing(BuildxError::CannotPush { builder, driver }).into());
    }
    session.ui.detail(&format!("docker buildx {}, builder {name} ({driver})", buildx.version));
    Ok(buildx)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn missing(error: BuildxError) -> Coded {
    Coded::Missing(error.to_string())
}
