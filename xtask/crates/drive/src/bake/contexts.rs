//! Build contexts on disk: what a build in a container reads, and never the checkout itself.

use crate::make::{copy_tree, sources};
use crate::session::Session;
use crate::workplace::Workplace;
use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use model::source::Pin;
use model::template::Template;
use plan::container::BuilderImage;
use plan::lower;
use std::ops::Deref;

/// A directory of contexts; nothing else is below.
#[derive(Debug)]
pub struct Contexts {
    dir: Utf8PathBuf,
    at: lower::Contexts,
    /// What they go with; none where they are kept.
    _place: Option<Workplace>,
}

impl Contexts {
    /// Beside those of other processes, and gone when this is dropped.
    pub fn new(session: &Session, name: &str) -> Result<Self> {
        let place = Workplace::new(session, name)?;
        let contexts = Self { _place: None, ..Self::named(place.dir().to_owned()) };
        Self { _place: Some(place), ..contexts }.made()
    }

    /// At `dir`, in place of whatever was there; they stay.
    pub fn kept(dir: Utf8PathBuf) -> Result<Self> {
        crate::make::remove(&dir)?;
        Self::named(dir).made()
    }

    /// The names of what would be at `dir`, which is left as it is.
    pub fn named(dir: Utf8PathBuf) -> Self {
        Self { at: lower::Contexts::below(&dir), dir, _place: None }
    }

    fn made(self) -> Result<Self> {
        for part in [&self.templates, &self.sources, &self.pins, &self.steps, &self.results()] {
            fs_err::create_dir_all(part)?;
        }
        Ok(self)
    }

    /// Above all contexts.
    pub fn dir(&self) -> &Utf8Path {
        &self.dir
    }

    /// Where the build's own files go.
    pub fn results(&self) -> Utf8PathBuf {
        self.dir.join("result")
    }

    /// Where the package of a unit comes to be.
    pub fn package(&self) -> Utf8PathBuf {
        self.results().join("package")
    }

    /// Adds a template of `docker/`, as the manifests were loaded with it: keys hold what it says.
    pub fn add_template(&self, session: &Session, template: Template) -> Result<()> {
        let name = template.file_name();
        let text = session.manifests.templates.text(template);
        let text = text.with_context(|| format!("docker/{name} is missing: restore it"))?;
        Ok(fs_err::write(self.templates.join(name), text)?)
    }

    /// Adds the script that fills a builder image.
    pub fn add_install(&self, image: &BuilderImage) -> Result<()> {
        Ok(fs_err::write(self.steps.join("install.sh"), image.install_sh())?)
    }

    /// Adds the trees of all pins that `image` is made of.
    pub fn add_pins(&self, session: &Session, image: &BuilderImage) -> Result<()> {
        for name in image.sources() {
            let pin = session.manifests.pinned().source(name.as_str())?;
            add_source(session, pin, &session.root, &self.pins)?;
        }
        Ok(())
    }
}

impl Deref for Contexts {
    type Target = lower::Contexts;

    fn deref(&self) -> &lower::Contexts {
        &self.at
    }
}

/// Puts the tree of a pin, from whichever mirror has it, below `dir`.
pub fn add_source(session: &Session, pin: &Pin, patches: &Utf8Path, dir: &Utf8Path) -> Result<()> {
    let tree = sources::ensure(session, pin, patches)?;
    // A copy: links would touch the tree.
    copy_tree(&tree.path, &dir.join(pin.name.as_str()))?;
    match tree.lease.spoilt()? {
        Some(file) => bail!("{} was changed while it was copied; run it again", file.display()),
        None => Ok(()),
    }
}
