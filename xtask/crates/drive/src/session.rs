//! One run of xtask: the checkout, the machine, the manifests, the caches.

use crate::error::Coded;
use crate::repo;
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use exec::environment::{self, Sealed};
use exec::facts::Facts;
use exec::host::CaptureError;
use exec::programs::Programs;
use model::captured_host::CapturedHost;
use model::host::Host;
use model::manifest::Manifests;
use std::sync::OnceLock;
use ui::Ui;

const WORK: &str = "work";
/// Where packages of a checkout are restored, below its root.
pub const PACKAGES: &str = "target/backends";

/// One run of xtask.
#[derive(Debug)]
pub struct Session {
    /// Root of the checkout.
    pub root: Utf8PathBuf,
    /// The machine.
    pub host: Host,
    /// The manifests.
    pub manifests: Manifests,
    /// Reporting.
    pub ui: Ui,
    /// Use no network.
    pub offline: bool,
    /// The machine, where it is another than this one.
    captured: Option<CapturedHost>,
    /// Whether what is missing on a Mac is installed.
    installs: bool,
    looks: bool,
    store: OnceLock<store::Store>,
    builders: OnceLock<Builders>,
}

/// What builds run, and what they see of this machine.
#[derive(Debug)]
struct Builders {
    programs: Programs,
    /// For probes: as builds have it, but for the work directory.
    sealed: Sealed,
    /// Where programs are asked: beside the builds.
    directory: Utf8PathBuf,
}

impl Session {
    /// Captures the machine and loads the manifests.
    pub fn open(ui: Ui, offline: bool) -> Result<Self> {
        let root = repo::root()?;
        let manifests = repo::manifests(&root)?;
        Ok(Self {
            root,
            host: exec::host::capture(manifests.refresh).map_err(|error| match error {
                CaptureError::NoBucket { .. } => Coded::Usage(error.to_string()).into(),
                CaptureError::UnknownMachine { .. } => anyhow::Error::from(error),
            })?,
            manifests,
            ui,
            offline,
            captured: None,
            installs: false,
            looks: false,
            store: OnceLock::new(),
            builders: OnceLock::new(),
        })
    }

    /// The same for the machine in a file: what is asked is planned for it. What a test has carried out for it all the
    /// same is not cached.
    pub fn on(self, file: &Utf8Path) -> Result<Self> {
        memo::saw(file);
        let text = fs_err::read_to_string(file).map_err(|error| Coded::Usage(error.to_string()))?;
        let captured = CapturedHost::read(&text).map_err(|error| {
            Coded::Usage(format!("{file} is no machine as `doctor --capture` writes it: {error}"))
        })?;
        Ok(Self { host: captured.host(&self.host), captured: Some(captured), ..self })
    }

    /// The same for a command that may install by Homebrew what a Mac lacks.
    #[must_use]
    pub fn installing(self) -> Self {
        Self { installs: true, ..self }
    }

    /// Whether what is missing on a Mac is installed.
    pub fn installs(&self) -> bool {
        self.installs
    }

    /// The machine of a file.
    pub fn captured(&self) -> Option<&CapturedHost> {
        self.captured.as_ref()
    }

    /// The same for a command that writes nothing, not even into the cache.
    #[must_use]
    pub fn looking(self) -> Self {
        Self { looks: true, ..self }
    }

    /// Whether nothing may be written.
    pub fn only_looks(&self) -> bool {
        self.looks
    }

    /// The local cache.
    pub fn store(&self) -> Result<&store::Store> {
        if let Some(store) = self.store.get() {
            return Ok(store);
        }
        let dir = cache_dir()?;
        let open = if self.looks { store::Store::look } else { store::Store::open };
        let store = open(dir.as_std_path()).with_context(|| {
            format!("cannot use the cache {dir}; set XTASK_CACHE_DIR to another directory")
        })?;
        Ok(self.store.get_or_init(|| store))
    }

    /// A directory of the cache that looks after itself.
    ///
    /// Below a cache that cannot be written, the checkout's own target directory stands in.
    pub fn scratch(&self, name: &str) -> Result<Utf8PathBuf> {
        if self.looks {
            return utf8(self.store()?.path().join("scratch").join(name));
        }
        match self.store()?.scratch(name) {
            Ok(dir) if exec::disk::is_writable(&dir) => utf8(dir),
            Err(error) if !error.is_read_only() => Err(error.into()),
            _ => self.own_scratch(name),
        }
    }

    fn own_scratch(&self, name: &str) -> Result<Utf8PathBuf> {
        let dir = self.own().join(name);
        fs_err::create_dir_all(&dir)?;
        Ok(dir)
    }

    /// What stands in for the cache in this checkout.
    pub fn own(&self) -> Utf8PathBuf {
        self.root.join("target/xtask-scratch")
    }

    /// Where processes have the directories that they work in.
    pub fn work(&self) -> Result<Utf8PathBuf> {
        self.scratch(WORK)
    }

    /// The same in this checkout, for what the cache has no room for.
    pub fn own_work(&self) -> Utf8PathBuf {
        self.own().join(WORK)
    }

    /// Where tools are that only this project uses.
    pub fn tools(&self) -> Result<Utf8PathBuf> {
        self.scratch("tools")
    }

    /// The PATH on which the user's own clients are found, such as docker.
    pub fn search_path(&self) -> Result<String> {
        Ok(exec::tools::search_path(&self.tools()?))
    }

    /// The programs of builds.
    pub fn programs(&self) -> Result<&Programs> {
        Ok(&self.builders()?.programs)
    }

    /// What programs see that answer for builds without being part of one.
    pub fn sealed(&self) -> Result<&Sealed> {
        Ok(&self.builders()?.sealed)
    }

    /// What the commands of a build see that works in `work`.
    pub fn seal(&self, work: &Utf8Path) -> Sealed {
        let sealed = Sealed::new(&work.join("home"), &work.join("programs"), environment::variable);
        if self.offline { sealed.offline() } else { sealed }
    }

    /// Versions of tools and packages, remembered between runs.
    pub fn facts(&self) -> Result<Facts<'_>> {
        let Builders { programs, sealed, directory } = self.builders()?;
        let facts = Facts::open(&self.scratch("facts")?.join("facts.json"), programs, sealed, directory);
        Ok(facts.of_captured(self.captured.as_ref()))
    }

    fn builders(&self) -> Result<&Builders> {
        if let Some(builders) = self.builders.get() {
            return Ok(builders);
        }
        let directory = self.work()?;
        let builders = Builders {
            programs: Programs::new(&exec::tools::links(&self.tools()?), &self.root),
            sealed: self.seal(&self.scratch("facts")?),
            directory,
        };
        Ok(self.builders.get_or_init(|| builders))
    }

    /// Where packages of this checkout are restored.
    pub fn packages(&self) -> Utf8PathBuf {
        self.root.join(PACKAGES)
    }
}

/// `$XTASK_CACHE_DIR`, else the platform's cache directory.
pub fn cache_dir() -> Result<Utf8PathBuf> {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty()).map(Utf8PathBuf::from);
    if let Some(dir) = var("XTASK_CACHE_DIR") {
        return Ok(camino::absolute_utf8(dir)?);
    }
    let home = || var("HOME").context("HOME is not set; set it, or XTASK_CACHE_DIR");
    let base = if cfg!(target_os = "macos") {
        home()?.join("Library/Caches")
    } else {
        match var("XDG_CACHE_HOME").filter(|dir| dir.is_absolute()) {
            Some(dir) => dir,
            None => home()?.join(".cache"),
        }
    };
    Ok(base.join("inference-backends"))
}

/// A path of the cache as UTF-8, which its parent was.
pub fn utf8(path: std::path::PathBuf) -> Result<Utf8PathBuf> {
    Utf8PathBuf::from_path_buf(path).map_err(|path| anyhow::anyhow!("{} is not valid UTF-8", path.display()))
}
