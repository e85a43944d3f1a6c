//! Every published image as bake would build it, once as a push of the default branch and once as a pull request.

use camino::{Utf8Path, Utf8PathBuf};
use model::backend::Backend;
use model::event::CachePolicy;
use model::host::{Host, Privilege};
use model::image_names::{CompilerCacheTag, groups};
use model::key::Key;
use model::manifest::{Manifests, VARIANTS};
use model::oci::Repository;
use model::platform::Platform;
use model::root_image::RootImage;
use model::unit::UnitId;
use plan::bases::{self, BaseRow};
use plan::container::Footings;
use plan::key::{InputDigests, InputSet, Measured};
use plan::lower::bake::{Bake, Export, Push};
use plan::lower::{BaseBuild, Caches, Contexts, ImageBuild, Network, RootBuild, RootTo, UnitBuild};
use plan::plan::Plan;
use plan::recipe::Catalog;
use plan::root_image;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One published image on one platform.
#[derive(Debug)]
pub struct Drawn {
    /// Its name for people.
    pub name: String,
    /// The manifest that promises it.
    pub file: Utf8PathBuf,
    /// The way through the manifest to where it does.
    pub way: Vec<String>,
    /// The plan and its key document's bucket of floating requirements, of a unit.
    pub unit: Option<Result<Plan, String>>,
    /// The targets of a push that may write caches; null for what is not built in a container.
    pub writing: Value,
    /// The targets of a pull request.
    pub reading: Value,
}

/// A machine of which nothing matters but that it can plan for containers.
fn host(manifests: &Manifests) -> Host {
    Host {
        platform: Platform::ALL[0],
        distro: None,
        privilege: Privilege::None,
        cpus: 1,
        memory_mib: 1024,
        cpu: String::new(),
        tools: BTreeMap::new(),
        refresh: manifests.refresh.strftime().map(str::to_owned),
        ci: true,
    }
}

/// All of them: units, bases, root images.
pub fn all(manifests: &Manifests) -> Vec<Drawn> {
    let Ok(cache) = manifests.registry.cache.parse::<Repository>() else { return Vec::new() };
    let draw = Draw { manifests, cache: &cache };
    let (footings, host) = (Footings::default(), host(manifests));
    let catalog = Catalog::of(manifests, &footings);
    let units = plan::published::units(catalog).map(|unit| {
        let plan = plan::published::plan(catalog, &host, &unit);
        draw.unit(&manifests.backends[&unit.backend], &unit, plan.map_err(|error| error.to_string()))
    });
    let rows = bases::rows(
        manifests.bases.values(),
        &manifests.backends,
        &manifests.variants,
        &manifests.templates,
        manifests.pinned(),
    )
    .unwrap_or_default();
    let bases = rows.iter().map(|row| draw.base(row));
    let roots = manifests
        .root_images
        .values()
        .flat_map(|image| image.platforms.iter().map(move |platform| draw.root(image, *platform)));
    units.chain(bases).chain(roots).collect()
}

/// What all images are drawn with.
#[derive(Clone, Copy)]
struct Draw<'a> {
    manifests: &'a Manifests,
    cache: &'a Repository,
}

impl<'a> Draw<'a> {
    fn how(self, write_cache: bool) -> ImageBuild<'a> {
        ImageBuild {
            repository: self.cache,
            dockerfile: Utf8Path::new("docker"),
            steps: Utf8Path::new("steps"),
            pins: Utf8Path::new("pins"),
            write_cache,
            fresh: false,
        }
    }

    fn unit(self, backend: &Backend, unit: &UnitId, plan: Result<Plan, String>) -> Drawn {
        let drawn = plan.as_ref().ok().and_then(|plan| self.unit_bakes(backend, plan));
        let [writing, reading] = drawn.unwrap_or_default();
        Drawn {
            name: unit.to_string(),
            file: backend.dir.join(model::manifest::BACKEND),
            way: vec!["variants".to_owned(), unit.variant.to_string()],
            unit: Some(plan),
            writing,
            reading,
        }
    }

    fn unit_bakes(self, backend: &Backend, plan: &Plan) -> Option<[Value; 2]> {
        let container = plan.realm.container()?;
        let groups = groups(backend, &self.manifests.variants).ok()?;
        let group = groups.iter().find(|group| group.units().any(|other| *other == plan.unit))?;
        let platform = plan.unit.platform;
        let at = Utf8PathBuf::from;
        let contexts = Contexts {
            templates: at("docker"),
            inputs: at("inputs"),
            sources: at("sources"),
            steps: at("steps"),
            pins: at("pins"),
            packer: at("packer"),
        };
        let names = vec![self.cache.to_string()];
        let exports = vec![Export::Image { names, push: Some(Push::ByDigest), rewrite_timestamps: true }];
        let key = any_key()?;
        let bake = |write| {
            let caches = Caches {
                repository: self.cache.clone(),
                layers: group.image().layers(group.platform_tag(platform)),
                compiler: CompilerCacheTag::of(
                    &backend.name,
                    platform.arch,
                    &self.manifests.variants[&plan.unit.variant],
                ),
                policy: CachePolicy { read: true, write },
            };
            let build = UnitBuild {
                unit: &plan.unit,
                key: &key,
                recipe: &backend.recipe,
                container,
                contexts: &contexts,
                caches: &caches,
                exports: exports.clone(),
                network: &Network::default(),
                labels: BTreeMap::new(),
                force: false,
                run: "0",
            };
            targets(build.bake().ok())
        };
        Some([bake(true), bake(false)])
    }

    fn base(self, row: &BaseRow) -> Drawn {
        let bake = |write_cache| {
            let build = BaseBuild { row, how: self.how(write_cache), push: write_cache };
            targets(build.bake().ok())
        };
        Drawn {
            name: format!("base {}", row.name),
            file: VARIANTS.into(),
            way: vec!["bases".to_owned(), row.name.to_string()],
            unit: None,
            writing: bake(true),
            reading: bake(false),
        }
    }

    fn root(self, image: &RootImage, platform: Platform) -> Drawn {
        let ground =
            root_image::ground(image, platform, &self.manifests.templates, self.manifests.pinned()).ok();
        let bake = |write_cache| {
            let (ground, key) = (ground.as_ref()?, any_key()?);
            let build = RootBuild {
                image,
                ground,
                key: &key,
                how: self.how(write_cache),
                entry: Utf8Path::new("entry"),
                to: &RootTo::Push(vec![self.cache.to_string()]),
            };
            build.bake().ok()
        };
        Drawn {
            name: format!("root image {} on {platform}", image.name),
            file: VARIANTS.into(),
            way: vec!["root-images".to_owned(), image.name.to_string()],
            unit: None,
            writing: targets(bake(true)),
            reading: targets(bake(false)),
        }
    }
}

/// Some key: what is asked of a bake file does not depend on it.
fn any_key() -> Option<Key> {
    "0".repeat(64).parse().ok()
}

/// Nothing was measured.
pub fn unmeasured() -> Measured {
    Measured {
        inputs: Arc::new(InputSet::new(InputDigests::new())),
        patches: InputDigests::new(),
        facts: BTreeMap::new(),
        deps: BTreeMap::new(),
    }
}

fn targets(bake: Option<Bake>) -> Value {
    bake.and_then(|bake| serde_json::to_value(bake.targets).ok()).unwrap_or_default()
}
