//! What a container build reads, on disk: only what its key covers, and never the checkout itself.

use crate::make::{Keyed, Snapshot, copy_tree, named, sources};
use crate::session::Session;
use crate::workplace::Workplace;
use anyhow::{Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use model::backend::LICENSE;
use model::source::Pin;
use model::template::Template;
use plan::container::Ground;
use plan::lower::Directories;
use plan::realm::Builder;
use store::RelPath;

/// Build contexts of one unit.
#[derive(Debug)]
pub struct Staged {
    dir: Utf8PathBuf,
    /// What they go with; none where they are kept.
    _place: Option<Workplace>,
}

impl Staged {
    /// Stages a unit beside those of other processes; else the files that somebody changed since it was measured.
    pub fn unit(session: &Session, keyed: &Keyed) -> Result<Result<Self, Vec<RelPath>>> {
        let staged = Self::bare(session, keyed)?;
        let changed = staged.fill(session, keyed)?;
        Ok(if changed.is_empty() { Ok(staged) } else { Err(changed) })
    }

    /// The same directories with nothing in them.
    pub fn bare(session: &Session, keyed: &Keyed) -> Result<Self> {
        let place = Workplace::new(session, &format!("contexts-{}", keyed.key.stem()))?;
        Self::empty(place.dir().to_owned(), Some(place))
    }

    /// Stages a unit at `dir`, in place of whatever was there, and leaves it there.
    pub fn kept(session: &Session, keyed: &Keyed, dir: Utf8PathBuf) -> Result<Self> {
        crate::make::remove(&dir)?;
        let staged = Self::empty(dir, None)?;
        let changed = staged.fill(session, keyed)?;
        ensure!(changed.is_empty(), "{} changed in between; run it again", named(&changed));
        Ok(staged)
    }

    /// The names of what would be at `dir`, which is left as it is.
    pub fn named(dir: Utf8PathBuf) -> Self {
        Self { dir, _place: None }
    }

    fn empty(dir: Utf8PathBuf, place: Option<Workplace>) -> Result<Self> {
        let staged = Self { dir, _place: place };
        for part in [staged.templates(), staged.sources(), staged.pins(), staged.steps(), staged.scratch()] {
            fs_err::create_dir_all(part)?;
        }
        Ok(staged)
    }

    fn fill(&self, session: &Session, keyed: &Keyed) -> Result<Vec<RelPath>> {
        let (snapshot, changed) = Snapshot::take(session, keyed, &self.dir.join("checkout"))?;
        if !changed.is_empty() {
            return Ok(changed);
        }
        let templates = &session.manifests.templates;
        for template in Template::ALL {
            // What the manifests were loaded with is what the key was made of.
            if let Some(text) = templates.text(template) {
                fs_err::write(self.templates().join(template.file_name()), text)?;
            }
        }
        for pin in &keyed.plan.pins {
            add_source(session, pin, &snapshot.patches(), &self.sources())?;
        }
        let steps = self.steps();
        if let Some(container) = keyed.plan.realm.container() {
            fs_err::write(steps.join("install.sh"), container.base.install_sh())?;
            // A prebuilt base has them inside already.
            if container.builder == Builder::FromSource {
                add_pins(session, &container.base, &self.pins())?;
            }
        }
        fs_err::write(steps.join("build.sh"), plan::lower::build_sh(&keyed.plan, &Directories::default()))?;
        if let Some(spec) = crate::make::container_package(keyed)? {
            fs_err::write(steps.join("package.json"), serde_json::to_vec_pretty(&spec)?)?;
            fs_err::copy(snapshot.inputs().join(LICENSE), steps.join(LICENSE))?;
        }
        Ok(Vec::new())
    }

    /// Adds the directory of the program that packs.
    pub fn add_packer(&self, dir: &Utf8Path) -> Result<()> {
        copy_tree(dir, &self.packer())
    }

    /// Above all contexts; nothing else is below.
    pub fn dir(&self) -> &Utf8Path {
        &self.dir
    }

    /// The templates, by their files' names.
    pub fn templates(&self) -> Utf8PathBuf {
        self.dir.join("docker")
    }

    /// The declared inputs, at their repository paths.
    pub fn inputs(&self) -> Utf8PathBuf {
        self.dir.join("checkout/inputs")
    }

    /// A directory for each pin.
    pub fn sources(&self) -> Utf8PathBuf {
        self.dir.join("sources")
    }

    /// A directory for each pin that the builder is made of.
    pub fn pins(&self) -> Utf8PathBuf {
        self.dir.join("pins")
    }

    /// The rendered scripts and the packer's specification.
    pub fn steps(&self) -> Utf8PathBuf {
        self.dir.join("steps")
    }

    /// The program that packs, alone.
    pub fn packer(&self) -> Utf8PathBuf {
        self.dir.join("packer")
    }

    /// Where the build's own files go.
    pub fn scratch(&self) -> Utf8PathBuf {
        self.dir.join("result")
    }

    /// Where the package comes to be.
    pub fn package(&self) -> Utf8PathBuf {
        self.scratch().join("package")
    }
}

/// Puts the trees of all pins that `ground` is made of below `dir`.
pub fn add_pins(session: &Session, ground: &Ground, dir: &Utf8Path) -> Result<()> {
    for name in ground.sources() {
        let pin = session.manifests.pinned().source(name.as_str())?;
        add_source(session, pin, &session.root, dir)?;
    }
    Ok(())
}

/// Puts the tree of a pin, from whichever mirror has it, below `dir`.
fn add_source(session: &Session, pin: &Pin, patches: &Utf8Path, dir: &Utf8Path) -> Result<()> {
    let tree = sources::ensure(session, pin, patches)?;
    // A copy: links would touch the tree.
    copy_tree(&tree.path, &dir.join(pin.name.as_str()))?;
    match tree.lease.spoilt()? {
        Some(file) => bail!("{} was changed while it was copied; run it again", file.display()),
        None => Ok(()),
    }
}
