//! Build contexts of one image on disk, removed when it is built.

use crate::container::add_pins;
use crate::session::Session;
use crate::workplace::Workplace;
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use model::template::Template;
use plan::container::Ground;

/// A directory of named contexts; nothing else is below.
#[derive(Debug)]
pub struct Contexts {
    place: Workplace,
}

impl Contexts {
    /// Beside those of other processes.
    pub fn new(session: &Session, name: &str) -> Result<Self> {
        Ok(Self { place: Workplace::new(session, name)? })
    }

    /// A context with one file in it.
    pub fn file(&self, context: &str, name: &str, text: &str) -> Result<Utf8PathBuf> {
        let dir = self.dir().join(context);
        fs_err::create_dir_all(&dir)?;
        fs_err::write(dir.join(name), text)?;
        Ok(dir)
    }

    /// A template of `docker/`, as the manifests were loaded with it: keys hold what it says.
    pub fn template(&self, session: &Session, template: Template) -> Result<Utf8PathBuf> {
        let name = template.file_name();
        let text = session.manifests.templates.text(template);
        let text = text.with_context(|| format!("docker/{name} is missing: restore it"))?;
        Ok(self.file("docker", name, text)?.join(name))
    }

    /// A context with the trees that `ground` is made of.
    pub fn pins(&self, session: &Session, ground: &Ground) -> Result<Utf8PathBuf> {
        let dir = self.dir().join("pins");
        fs_err::create_dir_all(&dir)?;
        add_pins(session, ground, &dir)?;
        Ok(dir)
    }

    /// Above all contexts.
    pub fn dir(&self) -> &Utf8Path {
        self.place.dir()
    }
}
