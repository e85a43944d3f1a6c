//! The tools that only this project uses: shared trees of the cache, held by who builds with them.

use crate::session::Session;
use anyhow::Result;
use camino::Utf8PathBuf;
use model::digest::Digest;
use plan::toolchain::{Family, Tool};
use std::collections::BTreeMap;
use store::shared::{self, Found, Lease};

/// Those that are held.
#[derive(Debug, Default)]
pub struct Tools(BTreeMap<&'static str, Lease>);

impl Tools {
    /// Holds the tool of a family, if it is installed. One that was changed is removed, to be installed again.
    pub fn hold(&mut self, session: &Session, family: Family) -> Result<()> {
        let Some(tool) = Tool::of(family).filter(|tool| !self.0.contains_key(tool.program())) else {
            return Ok(());
        };
        let (tools, name) = (session.tools()?, tool.program());
        let wheel = session.manifests.pinned().wheel(name)?;
        let tree = Tool::prefix(wheel, &tools);
        if !Tool::path(wheel, &tools).exists() {
            return Ok(());
        }
        let lease = match shared::lease(tree.as_std_path())? {
            Found::Sound(lease) => Some(lease),
            // It was just installed.
            Found::Unsealed => match shared::seal(tree.as_std_path(), Digest::of(tree.as_str().as_bytes())) {
                Err(error) if error.is_read_only() => None,
                sealed => Some(sealed?),
            },
            Found::Changed(file) => {
                let file = file.display();
                session
                    .ui
                    .warn(&format!("{file} was changed since {name} was installed: installing it again"));
                let wait = || session.ui.note(&format!("waiting for the builds that use {name}"));
                shared::discard(tree.as_std_path(), wait)?;
                None
            }
        };
        self.0.extend(lease.map(|lease| (name, lease)));
        Ok(())
    }

    /// What keeps them there.
    pub fn leases(&self) -> impl Iterator<Item = &Lease> {
        self.0.values()
    }
}

/// Where they are, or will be.
pub fn trees(session: &Session) -> Result<Vec<Utf8PathBuf>> {
    let tools = session.tools()?;
    Ok(session.manifests.wheels.values().map(|wheel| Tool::prefix(wheel, &tools)).collect())
}
