//! Which caches of the CI service a native job restores and saves: their keys, by content, and their paths.

mod budget;

pub use budget::{Budget, Wheels};

use model::backend::{Backend, Recipe};
use model::grpc::Grpc;
use model::key::Key;
use model::oci::Repository;
use model::platform::{Arch, Os, Platform};
use model::variant::Variant;
use plan::toolchain::{Family, formulas_of};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What is known of the job.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// What it builds.
    pub backend: &'a Backend,
    /// In which variant.
    pub variant: &'a Variant,
    /// On what it runs.
    pub platform: Platform,
    /// The image of the runner, such as `macos15`: bottles are for one version of macOS.
    pub image: Option<&'a str>,
    /// The version and the content of the source that it compiles, if it compiles one.
    pub source: Option<&'a str>,
    /// The unit's key.
    pub key: &'a Key,
    /// The digest of its requirement files, if it has any.
    pub requirements: Option<&'a str>,
    /// The digest of the file that locks what Go or cargo download, if it has one.
    pub lock: Option<&'a str>,
    /// The bucket of time of requirements that float.
    pub bucket: Option<&'a str>,
    /// Whose wheels are kept under one key.
    pub wheels: Wheels,
    /// Where builds keep caches of their own.
    pub caches: &'a str,
}

/// One cache of the CI service.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CiCache {
    /// What it is of, as in `brew`.
    pub name: &'static str,
    /// Restored if there is one of this key; saved under it otherwise.
    pub key: String,
    /// Beginnings of keys that are better than nothing, the best first.
    pub restore_keys: Vec<String>,
    /// What is in it.
    pub path: String,
}

/// The same cache in a registry, where other machines than GitHub's read it: tags of the cache repository.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RegistryCache {
    /// Read in this order until one is there.
    pub read: Vec<String>,
    /// Written by who saves it, and never for a pull request.
    pub write: Vec<String>,
}

impl CiCache {
    /// A registry finds no tag by its beginning: each beginning has one that moves.
    pub fn in_registry(&self, repository: &Repository) -> RegistryCache {
        let fixed = format!("{repository}:{}", self.key);
        let moving = self.restore_keys.iter().map(|start| format!("{repository}:{start}latest"));
        let read: Vec<String> = std::iter::once(fixed).chain(moving).collect();
        RegistryCache { write: read.clone(), read }
    }
}

/// What a Mac installs by Homebrew for a backend, in the order of the alphabet.
pub fn formulas(recipe: &Recipe, arch: Arch) -> Vec<&'static str> {
    formulas_of(Family::of_recipe(recipe, Grpc::System), arch)
}

/// The caches of a job; those that it does not use are not among them.
///
/// The reference keys Homebrew by a hash of the workflow file, which changes with every comment in it, and caches
/// Homebrew's Cellar, whose links and later dependencies a restore does not bring back. Here keys say what is inside,
/// and of Homebrew it is the downloads alone. It saves the compiler cache under a new key in every run, and so fills its
/// budget with copies; here a job that compiles the same finds its own.
pub fn caches(job: &Job<'_>) -> Vec<CiCache> {
    let Job { backend, variant, platform, .. } = job;
    let place = format!("{}-{}", platform.os.as_str(), platform.arch);
    let mut caches = Vec::new();
    let formulas = formulas(&backend.recipe, platform.arch);
    if platform.os == Os::Darwin && !formulas.is_empty() {
        let beginning = format!("brew-{place}-{}-v2-", job.image.unwrap_or("any"));
        caches.push(CiCache {
            name: "brew",
            key: format!("{beginning}{}", digest(&formulas.join(" "))),
            restore_keys: vec![beginning],
            path: "~/Library/Caches/Homebrew/downloads".to_owned(),
        });
    }
    if let Some(lock) = job.lock {
        let (name, parts): (_, &[&str]) = match &backend.recipe {
            Recipe::Go(_) => ("go", &["go-mod", "go-build"]),
            _ => ("cargo", &["cargo"]),
        };
        let beginning = format!("{name}-{}-{place}-", backend.name);
        let paths: Vec<String> = parts.iter().map(|part| format!("{}/{part}", job.caches)).collect();
        caches.push(CiCache {
            name,
            key: format!("{beginning}{lock}"),
            restore_keys: vec![beginning],
            path: paths.join("\n"),
        });
    }
    if let Some(source) = job.source {
        let all = format!("ccache-{}-{}-{place}-", backend.name, variant.name);
        let same_source = format!("{all}{source}-");
        caches.push(CiCache {
            name: "ccache",
            key: format!("{same_source}{}", job.key.stem()),
            restore_keys: vec![same_source, all],
            path: format!("{}/ccache", job.caches),
        });
    }
    if let Some(requirements) = job.requirements {
        let time = job.bucket.unwrap_or("locked");
        let (key, restore_keys) = match job.wheels {
            Wheels::OfBackends => {
                let all = format!("wheels-{}-{}-{place}-", backend.name, variant.name);
                let same_time = format!("{all}{time}-");
                (format!("{same_time}{requirements}"), vec![same_time, all])
            }
            Wheels::Shared => {
                let all = format!("wheels-shared-{place}-");
                (format!("{all}{time}"), vec![all])
            }
        };
        caches.push(CiCache { name: "wheels", key, restore_keys, path: format!("{}/uv", job.caches) });
    }
    caches
}

/// The first digits of what tells a text from others.
pub fn digest(text: &str) -> String {
    blake3::derive_key("inference-backends 2026-11 ci cache v1", text.as_bytes())[..8].iter().fold(
        String::new(),
        |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        },
    )
}

/// The caches as outputs of a step. All names are always there, so that a workflow can ask for each; a cache that the
/// job does not use is empty.
pub fn outputs(caches: &[CiCache], formulas: &[&str]) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::from([("brew-formulas".to_owned(), formulas.join(" "))]);
    for name in ["brew", "cargo", "ccache", "go", "wheels"] {
        let cache = caches.iter().find(|cache| cache.name == name);
        let of = |field: fn(&CiCache) -> String| cache.map(field).unwrap_or_default();
        outputs.insert(format!("{name}-key"), of(|cache| cache.key.clone()));
        outputs.insert(format!("{name}-restore-keys"), of(|cache| cache.restore_keys.join("\n")));
        outputs.insert(format!("{name}-path"), of(|cache| cache.path.clone()));
    }
    outputs
}

/// Outputs in the format of `GITHUB_OUTPUT`: values of several lines between two lines that occur in none of them.
pub fn github(outputs: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for (name, value) in outputs {
        if value.contains('\n') {
            let end = format!("end-{}", digest(value));
            let _ = writeln!(text, "{name}<<{end}\n{value}\n{end}");
        } else {
            let _ = writeln!(text, "{name}={value}");
        }
    }
    text
}
