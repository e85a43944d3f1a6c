//! Manifests: `backend.yaml`, `variants.yaml` and `sources.yaml`, from text to the checked model.

mod backend;
mod derived;
mod diagnostic;
mod format;
mod issue;
mod limits;
mod locate;
mod root_images;
pub mod schema;
mod shape;
mod sources;
mod trail;
mod tree;
mod variants;
mod words;
mod yaml;

pub use derived::Derived;
pub use diagnostic::{Diagnostic, Diagnostics};
pub use issue::Issues;
pub use schema::Document;
pub use trail::{Hop, Trail};
pub use tree::{Id, Kind, Node, Spot, Tree};
pub use words::filled;
pub use yaml::{Misfit, parse};

use crate::backend::Backend;
use crate::base::{Consumer, PrebuiltBase};
use crate::compiler_cache::SharedCompilerCache;
use crate::contract::Contract;
use crate::image_names::repositories::Registry;
use crate::image_names::{Collision, Group, groups};
use crate::macos::DeploymentTarget;
use crate::name::{BackendName, BaseName, PinName, RootName, VariantName};
use crate::platform::Platform;
use crate::root_image::RootImage;
use crate::source::{Pin, Pins, Repository, Wheel};
use crate::template::{Templates, is_template};
use crate::time::refresh::Refresh;
use crate::unit::UnitId;
use crate::variant::Variant;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;

/// Texts of manifests and templates by path, relative to the repository's root.
pub type Files = BTreeMap<Utf8PathBuf, String>;

/// Where the variant table stands.
pub const VARIANTS: &str = "backend/variants.yaml";

/// Where the pins stand.
pub const SOURCES: &str = "backend/sources.yaml";

/// The name of a backend's manifest in its directory `backend/<lang>/<name>`.
pub const BACKEND: &str = "backend.yaml";

/// Everything that the manifests say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifests {
    /// Backends by name.
    pub backends: BTreeMap<BackendName, Backend>,
    /// Ways to build.
    pub variants: BTreeMap<VariantName, Variant>,
    /// External sources.
    pub pins: BTreeMap<PinName, Pin>,
    /// Programs of the Python package index.
    pub wheels: BTreeMap<PinName, Wheel>,
    /// Package repositories that apt trusts.
    pub repositories: BTreeMap<PinName, Repository>,
    /// Prebuilt builder bases.
    pub bases: BTreeMap<BaseName, PrebuiltBase>,
    /// Which units start from which base.
    pub consumers: Vec<Consumer>,
    /// Root images.
    pub root_images: BTreeMap<RootName, RootImage>,
    /// Image repositories.
    pub registry: Registry,
    /// The compiler cache that machines share, where there is one.
    pub compiler_cache: Option<SharedCompilerCache>,
    /// What every backend serves.
    pub contract: Contract,
    /// The oldest macOS that packages run on.
    pub macos: DeploymentTarget,
    /// How often floating requirements are resolved anew.
    pub refresh: Refresh,
    /// The variant that is built when none is named; every platform has one.
    pub defaults: BTreeMap<Platform, VariantName>,
    /// The templates of container builds.
    pub templates: Templates,
    /// What is made of all that once.
    pub derived: Derived,
}

impl Manifests {
    /// All that `backend/sources.yaml` pins.
    pub fn pinned(&self) -> Pins<'_> {
        Pins { sources: &self.pins, wheels: &self.wheels, repositories: &self.repositories }
    }

    /// The images that all backends are published as, backends by name.
    pub fn groups(&self) -> Result<Vec<Group>, Collision> {
        let groups = self.backends.values().map(|backend| groups(backend, &self.variants));
        groups.collect::<Result<Vec<_>, _>>().map(|groups| groups.into_iter().flatten().collect())
    }

    /// The image that a unit goes into.
    pub fn group_of(&self, unit: &UnitId) -> Option<Group> {
        let groups = groups(self.backends.get(&unit.backend)?, &self.variants).ok()?;
        groups.into_iter().find(|group| group.units().any(|other| other == unit))
    }
}

/// What backends may refer to; a table is absent when its own file has errors.
#[derive(Clone, Copy)]
struct Tables<'a> {
    variants: Option<&'a BTreeMap<VariantName, Variant>>,
    pins: Option<&'a BTreeMap<PinName, Pin>>,
}

/// Whether a path is one of those that [`load`] wants.
pub fn is_manifest(path: &Utf8Path) -> bool {
    is_shared(path) || backend_dir(path).is_some()
}

fn is_shared(path: &Utf8Path) -> bool {
    path == VARIANTS || path == SOURCES || is_template(path)
}

/// Reads and checks all manifests; every error is reported, in the order of files and lines.
pub fn load(files: &Files) -> Result<Manifests, Diagnostics> {
    let mut found = Vec::new();
    let variants =
        locate::read(files, Utf8Path::new(VARIANTS), Document::VARIANTS, &mut found, variants::check);
    let sources = locate::read(files, Utf8Path::new(SOURCES), Document::SOURCES, &mut found, sources::check);
    let tables = Tables {
        variants: variants.as_ref().map(|file| &file.table),
        pins: sources.as_ref().map(|file| &file.sources),
    };
    let mut backends: BTreeMap<BackendName, Backend> = BTreeMap::new();
    for path in files.keys().filter(|path| !is_shared(path)) {
        let Some(dir) = backend_dir(path) else {
            found.push(locate::misplaced(path, &files[path]));
            continue;
        };
        let check = |file, issues: &mut Issues| {
            let backend = backend::check(dir, file, tables, issues)?;
            let Some(twin) = backends.get(&backend.name) else { return Some(backend) };
            let help = format!("{}/{BACKEND} has it already; rename one of the directories", twin.dir);
            let trail = Trail::root();
            issues.value(trail.key("name"), format!("duplicate backend `{}`", backend.name), Some(help));
            None
        };
        if let Some(backend) = locate::read(files, path, Document::BACKEND, &mut found, check) {
            backends.insert(backend.name.clone(), backend);
        }
    }
    match (variants, sources) {
        (Some(file), Some(sources::Written { sources, programs, repositories })) if found.is_empty() => {
            Ok(Manifests {
                backends,
                variants: file.table,
                pins: sources,
                wheels: programs,
                repositories,
                bases: file.bases,
                consumers: file.consumers,
                root_images: file.root_images,
                registry: file.registry,
                compiler_cache: file.compiler_cache,
                contract: file.contract,
                macos: file.macos,
                refresh: file.refresh,
                defaults: file.defaults,
                templates: Templates::of(files),
                derived: Derived::default(),
            })
        }
        _ => {
            found.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
            Err(Diagnostics(found))
        }
    }
}

/// Reads and checks one document, wherever it lies.
pub fn read<R: serde::de::DeserializeOwned, T>(
    path: &Utf8Path,
    text: &str,
    document: Document,
    check: impl FnOnce(R, &mut Issues) -> Option<T>,
) -> Result<T, Diagnostics> {
    let files = Files::from([(path.to_owned(), text.to_owned())]);
    let mut found = Vec::new();
    locate::read(&files, path, document, &mut found, check).ok_or(Diagnostics(found))
}

/// The directory of a backend's manifest, if the path is one.
fn backend_dir(path: &Utf8Path) -> Option<&Utf8Path> {
    let parts: Vec<&str> = path.as_str().split('/').collect();
    match parts.as_slice() {
        ["backend", lang, name, BACKEND] if !lang.is_empty() && !name.is_empty() => path.parent(),
        _ => None,
    }
}
