//! The bake definition of one unit: its stages, contexts, caches and outputs.

use super::{Containers, Staged};
use crate::build::Keyed;
use crate::session::Session;
use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use plan::backend::{Backend, Recipe};
use plan::cmd::Cmd;
use plan::container::Container;
use plan::lower::bake::{Attest, Bake, CacheFrom, CacheTo, Export, Group, Push, Secret, Target, TargetName};
use plan::names::{CompilerCacheTag, groups};
use plan::oci::{Reference, Tag};
use plan::realm::Builder;
use plan::step::Action;
use std::collections::BTreeMap;

/// The target that builds a unit.
pub const UNIT: &str = "unit";
/// Build arguments that BuildKit knows by itself and keeps out of every layer's key.
const PROXIES: [&str; 8] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
];
/// Settings of package managers, which may hold credentials.
const SECRETS: [&str; 11] = [
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "UV_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "GOPROXY",
    "GONOSUMDB",
    "GOSUMDB",
    "CCACHE_REMOTE_STORAGE",
];

/// What a definition is made from.
pub struct Parts<'a> {
    pub session: &'a Session,
    pub keyed: &'a Keyed,
    pub backend: &'a Backend,
    pub container: &'a Container,
    pub options: &'a Containers,
    pub staged: &'a Staged,
    /// Its steps run again, whatever layers there are; different each time.
    pub again: Option<&'a str>,
}

impl Parts<'_> {
    /// The definition; with `push`, the image goes to every repository at once.
    pub fn bake(&self, push: bool) -> Result<Bake> {
        let (staged, options) = (self.staged, self.options);
        let mut target = Target::new(staged.inputs(), self.dockerfile());
        for (name, dir) in [
            ("inputs", staged.inputs()),
            ("sources", staged.sources()),
            ("steps", staged.steps()),
            ("packer", staged.packer()),
        ] {
            target.contexts.insert(name.to_owned(), dir.into_string());
        }
        target.args = self.args()?;
        target.platforms = vec![self.keyed.plan.unit.platform];
        target.exports = vec![Export::Local { dest: staged.package() }];
        if push {
            let names = options.targets().iter().map(ToString::to_string).collect();
            target
                .exports
                .insert(0, Export::Image { names, push: Some(Push::ByDigest), rewrite_timestamps: true });
        }
        let layers = self.reference(self.layers()?).to_string();
        if !self.session.offline {
            target.cache_from = vec![CacheFrom::Registry { reference: layers.clone() }];
            if options.writes_caches() {
                target.cache_to = vec![CacheTo::Registry { reference: layers }];
            }
        }
        target.secrets = set(&SECRETS).into_keys().map(|name| Secret::from_env(&name)).collect();
        target.attest = Attest::NONE.into();
        if let Some(run) = self.again {
            // Not `no-cache`: with that, BuildKit hands the steps empty cache mounts.
            target.args.insert("RUN_ID".to_owned(), run.to_owned());
        }
        one(target)
    }

    /// What carries a compiler cache from the registry into the builder. `run` is different each time: what these
    /// targets fill or read is no layer.
    pub fn load_compiler_cache(&self, run: &str) -> Result<Bake> {
        let mut target = self.carrier("load", run)?;
        let seed = self.reference(self.compiler_cache()?.tag());
        target.contexts.insert("seed".to_owned(), format!("docker-image://{seed}"));
        target.exports = vec![Export::Nothing];
        one(target)
    }

    /// What carries the part of it that the build used from the builder into the registry.
    pub fn dump_compiler_cache(&self, run: &str) -> Result<Bake> {
        let mut target = self.carrier("dump", run)?;
        let names = vec![self.reference(self.compiler_cache()?.tag()).to_string()];
        target.exports = vec![Export::Image { names, push: Some(Push::ByTag), rewrite_timestamps: false }];
        one(target)
    }

    fn carrier(&self, stage: &str, run: &str) -> Result<Target> {
        let mut target =
            Target::new(self.staged.packer(), self.dockerfiles().join("Dockerfile.compiler-cache"));
        target.contexts.insert("packer".to_owned(), self.staged.packer().into_string());
        target.args.insert("CACHE_ID".to_owned(), self.compiler_cache()?.tag().to_string());
        target.args.insert("RUN_ID".to_owned(), run.to_owned());
        target.stage = Some(stage.parse()?);
        target.platforms = vec![self.keyed.plan.unit.platform];
        target.attest = Attest::NONE.into();
        Ok(target)
    }

    /// Whether its steps use a compiler cache that is worth carrying between builders.
    pub fn compiles(&self) -> bool {
        let used = |cmd: &Cmd| cmd.tuning.contains_key("CCACHE_DIR");
        let steps = &self.keyed.plan.steps;
        steps.iter().any(|step| matches!(&step.action, Action::Run { cmd } if used(cmd)))
    }

    /// Where the Dockerfiles are.
    pub fn dockerfiles(&self) -> Utf8PathBuf {
        self.session.root.join("docker")
    }

    /// The family's Dockerfile.
    fn dockerfile(&self) -> Utf8PathBuf {
        self.dockerfiles().join(match &self.backend.recipe {
            Recipe::Cmake(_) => "Dockerfile.llama-cpp",
            Recipe::Go(_) => "Dockerfile.golang",
            Recipe::Python(_) => "Dockerfile.python",
        })
    }

    /// Which compiler cache it shares.
    pub fn compiler_cache(&self) -> Result<CompilerCacheTag> {
        let unit = &self.keyed.plan.unit;
        let variant = self.session.manifests.variants.get(&unit.variant);
        let variant = variant.with_context(|| format!("variant `{}` is gone", unit.variant))?;
        Ok(CompilerCacheTag::of(&unit.backend, unit.platform.arch, variant))
    }

    /// A tag of the cache repository.
    pub fn reference(&self, tag: Tag) -> Reference {
        Reference { repository: self.options.cache.clone(), tag: Some(tag), digest: None }
    }

    fn args(&self) -> Result<BTreeMap<String, String>> {
        let base = &self.container.base;
        let mut args = set(&PROXIES);
        let mut arg = |name: &str, value: String| args.insert(name.to_owned(), value);
        arg("BASE_IMAGE", base.image.clone());
        arg("BUILDER_TARGET", self.container.builder.stage().to_owned());
        if self.container.builder == Builder::Prebuilt {
            arg("BUILDER_BASE_IMAGE", self.reference(base.key().tag()).to_string());
        }
        arg("CACHE_ID", self.compiler_cache()?.tag().to_string());
        arg("SOURCE_DATE_EPOCH", "0".to_owned());
        Ok(args)
    }

    /// Where its layers are cached.
    fn layers(&self) -> Result<Tag> {
        let unit = &self.keyed.plan.unit;
        let groups = groups(self.backend, &self.session.manifests.variants)?;
        let group = groups.iter().find(|group| group.units().any(|other| other == unit));
        let group = group.with_context(|| format!("{unit} is published as no image"))?;
        Ok(group.image().layers(group.platform_tag(unit.platform)))
    }
}

fn one(target: Target) -> Result<Bake> {
    let name: TargetName = UNIT.parse()?;
    let group = Group { targets: vec![name.clone()] };
    Ok(Bake { groups: [("default".parse()?, group)].into(), targets: [(name, target)].into() })
}

/// Those of the variables that are set.
pub fn set(names: &[&str]) -> BTreeMap<String, String> {
    let value = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    names.iter().filter_map(|name| Some(((*name).to_owned(), value(name)?))).collect()
}
