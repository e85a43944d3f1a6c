//! Every published image as bake would build it, once as a push of the default branch and once as a pull request.

use camino::{Utf8Path, Utf8PathBuf};
use model::backend::Backend;
use model::base::PrebuiltBase;
use model::event::CachePolicy;
use model::host::{Host, Privilege};
use model::key::Key;
use model::manifest::{Manifests, VARIANTS};
use model::oci::Repository;
use model::platform::Platform;
use model::root_image::RootImage;
use model::unit::UnitId;
use plan::Plan;
use plan::key::{InputDigests, InputSet, Measured};
use plan::lower::bake::{Bake, Export, Push};
use plan::lower::{Caches, Contexts, ImageBuild, ImageTo, Network, UnitBuild};
use plan::made::Made;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One published image on one platform.
#[derive(Debug)]
pub struct Rendered {
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
        refresh: manifests.refresh.strftime().map(str::to_owned),
        ci: true,
        is_here: true,
    }
}

/// All of them: units, bases, root images.
pub fn all(manifests: &Manifests) -> Vec<Rendered> {
    let Ok(cache) = manifests.registry.cache.parse::<Repository>() else { return Vec::new() };
    let draw = Draw { manifests, cache: &cache };
    let host = host(manifests);
    let units = plan::published::units(manifests).map(|unit| {
        let plan = plan::published::plan(manifests, &host, &unit);
        draw.unit(&manifests.backends[&unit.backend], &unit, plan.map_err(|error| error.to_string()))
    });
    let bases = manifests.bases.values().map(|row| draw.base(row));
    let roots = manifests
        .root_images
        .values()
        .flat_map(|image| image.platforms.iter().map(move |platform| draw.root(image, *platform)));
    units.chain(bases).chain(roots).collect()
}

/// What all images are rendered with.
#[derive(Clone, Copy)]
struct Draw<'a> {
    manifests: &'a Manifests,
    cache: &'a Repository,
}

impl Draw<'_> {
    fn unit(self, backend: &Backend, unit: &UnitId, plan: Result<Plan, String>) -> Rendered {
        let rendered = plan.as_ref().ok().and_then(|plan| self.unit_bakes(backend, plan));
        let [writing, reading] = rendered.unwrap_or_default();
        Rendered {
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
        let contexts = Contexts::below("".into());
        let names = vec![self.cache.to_string()];
        let exports = vec![Export::Image { names, push: Some(Push::ByDigest), rewrite_timestamps: true }];
        let key = any_key()?;
        let bake = |write| {
            let policy = CachePolicy { read: true, write };
            let caches = Caches::of(&plan.unit, self.manifests, self.cache, policy)?;
            let build = UnitBuild {
                unit: &plan.unit,
                key: &key,
                recipe: &backend.recipe,
                container,
                contexts: &contexts,
                caches: &caches,
                exports: exports.clone(),
                network: &Network::default(),
                force: false,
                run: "0",
            };
            build.bake().ok()
        };
        Some([bake(true), bake(false)].map(targets))
    }

    fn base(self, row: &PrebuiltBase) -> Rendered {
        let made = Made::base(row, self.manifests).ok();
        let name = format!("base {}", row.name);
        let way = ["bases".to_owned(), row.name.to_string()];
        let to = [ImageTo::Push(vec![self.cache.to_string()]), ImageTo::Nothing];
        self.image(made.as_ref(), name, way, &to)
    }

    fn root(self, row: &RootImage, platform: Platform) -> Rendered {
        let made = Made::root(row, platform, self.manifests, &[]).ok();
        let name = format!("root image {} on {platform}", row.name);
        let way = ["root-images".to_owned(), row.name.to_string()];
        let to = [(); 2].map(|()| ImageTo::Push(vec![self.cache.to_string()]));
        self.image(made.as_ref(), name, way, &to)
    }

    /// An image as it is built where caches are written, and elsewhere.
    fn image(
        self,
        made: Option<&Made<'_>>,
        name: String,
        way: [String; 2],
        [writing, reading]: &[ImageTo; 2],
    ) -> Rendered {
        let bake = |write_cache, to| {
            let build = ImageBuild {
                read_cache: self.manifests.registry.trust.is_none(),
                made: made?,
                repository: self.cache,
                contexts: &Contexts::below("".into()),
                entry: Some(Utf8Path::new("entry")),
                network: &Network::default(),
                write_cache,
                fresh: false,
                to,
            };
            build.bake().ok()
        };
        Rendered {
            name,
            file: VARIANTS.into(),
            way: way.into(),
            unit: None,
            writing: targets(bake(true, writing)),
            reading: targets(bake(false, reading)),
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
