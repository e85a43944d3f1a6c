//! Recipes: how a family turns a unit into ordered steps. One file per family.

mod builder_image;
mod cmake;
mod compiler_cache;
mod filled;
mod find;
mod go;
mod grpc;
mod options;
mod python;
mod rust;
mod script;
mod sealed;
mod staged;

use crate::cmd::Cmd;
use crate::container::{ChoiceError, Container, choose};
use crate::plan::{Dependency, Fact, Plan};
use crate::presence::Presence;
use crate::realm::Realm;
use crate::request::{RealmChoice, Request};
use crate::step::{Action, Step};
use model::arg::Arg;
use model::backend::{Backend, Recipe, Task};
use model::base::Toolkit;
use model::flavor::Flavor;
use model::grpc::Grpc;
use model::host::{Distro, Host};
use model::macos::DEPLOYMENT_TARGET;
use model::manifest::Manifests;
use model::name::{BackendName, Label, PinName, VariantName};
use model::package::{Package, Program};
use model::platform::{Os, Platform};
use model::source::{NoPin, Pin};
use model::unit::UnitId;
use model::variant::Variant;
use std::collections::BTreeMap;

/// Why no plan could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The backend is not known.
    #[error("there is no backend `{name}`{hint} (`cargo xtask list` shows them all)")]
    UnknownBackend {
        /// As asked for.
        name: BackendName,
        /// Suggestion.
        hint: String,
    },
    /// The variant that was asked for is not there, or not on that platform.
    #[error(transparent)]
    Variant(#[from] NoVariant),
    /// The native realm cannot build this.
    #[error("{what} cannot be built natively here: {why}; {next}")]
    NotNative {
        /// The unit.
        what: String,
        /// The reason.
        why: String,
        /// What to do.
        next: String,
    },
    /// The container realm cannot build this.
    #[error("{what} cannot be built in a container: {why}; {next}")]
    NotContainer {
        /// The unit.
        what: String,
        /// The reason.
        why: String,
        /// What to do.
        next: String,
    },
    /// The builder that was asked for cannot be had.
    #[error(transparent)]
    Builder(#[from] ChoiceError),
    /// What a container unit starts from cannot be installed.
    #[error(transparent)]
    Deps(#[from] crate::toolchain::DepsError),
    /// A flavor that this family or platform does not have.
    #[error("`{backend}` has no flavor `{flavor}` on {platform} in variant `{variant}`: {why}")]
    Flavor {
        /// Backend.
        backend: BackendName,
        /// As asked for.
        flavor: Flavor,
        /// Platform.
        platform: Platform,
        /// Variant.
        variant: VariantName,
        /// The reason.
        why: &'static str,
    },
    /// `--set` named something that nothing reads.
    #[error("--set {key}: {why}")]
    Setting {
        /// As given.
        key: String,
        /// The reason and what would work.
        why: String,
    },
    /// A pin that the recipes name is gone.
    #[error(transparent)]
    NoPin(#[from] NoPin),
    /// A name made by a recipe is not valid; a defect of the recipe.
    #[error(transparent)]
    Name(#[from] model::name::NameError),
}

pub use builder_image::builder_image;
pub use find::{NoVariant, find_backend, find_variant};
pub use grpc::dependency as grpc_unit;

/// What a recipe sees.
pub(crate) struct Context<'a> {
    backend: &'a Backend,
    variant: &'a Variant,
    platform: Platform,
    realm: &'a Realm,
    grpc: Grpc,
    manifests: &'a Manifests,
    pins: &'a BTreeMap<PinName, Pin>,
    host: &'a Host,
    request: &'a Request,
}

/// What a recipe yields.
pub(crate) struct Parts {
    flavors: Vec<Flavor>,
    facts: Vec<Fact>,
    steps: Vec<Step>,
    disk_mib: u64,
    package: Package,
    deps: Vec<Dependency>,
    refresh: Option<String>,
    cpu: Option<String>,
    used_settings: Vec<String>,
}

/// The plan of what `request` asks for.
pub fn plan(manifests: &Manifests, host: &Host, request: &Request) -> Result<Plan, PlanError> {
    let backend = find_backend(manifests, &request.backend)?;
    let platform = request.platform.unwrap_or(host.platform);
    let variant = find_variant(manifests, Some(backend), platform, request.variant.as_ref())?;
    let (realm, reason) = realm(manifests, backend, variant, platform, host, request)?;
    let pins = pins(manifests, backend, variant, platform, &realm, host, request)?;
    let grpc = grpc_of(&realm, backend, variant, platform, request)?;
    let context =
        Context { backend, variant, platform, realm: &realm, grpc, manifests, pins: &pins, host, request };
    let parts = match &backend.recipe {
        Recipe::Cmake(recipe) => cmake::parts(&context, recipe)?,
        Recipe::Go(recipe) => go::parts(&context, recipe)?,
        Recipe::Python(recipe) => python::parts(&context, recipe)?,
        Recipe::Rust(recipe) => rust::parts(&context, recipe)?,
        Recipe::Script(recipe) => script::parts(&context, recipe)?,
    };
    let parts = staged::with_own(&context, parts)?;
    let tests = match &backend.recipe {
        Recipe::Script(recipe) => script::tests(&context, recipe)?,
        Recipe::Cmake(_) | Recipe::Go(_) | Recipe::Python(_) | Recipe::Rust(_) => Vec::new(),
    };
    options::refuse_unused(&context, &parts.used_settings)?;
    // What is installed in an image is known by the image and its script, and by nothing of this machine.
    let of_machine = |fact: &Fact| !context.in_container() || matches!(fact, Fact::Variable(_));
    let facts = parts.facts.into_iter().filter(of_machine).collect();
    Ok(Plan {
        unit: UnitId { backend: backend.name.clone(), variant: variant.name.clone(), platform },
        flavors: parts.flavors,
        realm,
        reason,
        inputs: backend.inputs.clone(),
        pins: pins.into_values().collect(),
        facts,
        steps: parts.steps,
        tests,
        disk_mib: parts.disk_mib,
        package: Some(parts.package),
        deps: parts.deps,
        refresh: parts.refresh,
        cpu: parts.cpu,
        settings: request.settings.clone(),
    })
}

fn realm(
    manifests: &Manifests,
    backend: &Backend,
    variant: &Variant,
    platform: Platform,
    host: &Host,
    request: &Request,
) -> Result<(Realm, String), PlanError> {
    let obstacle = if platform != host.platform {
        Some(format!("the unit is for {platform} and this machine is {}", host.platform))
    } else if platform.os == Os::Darwin && Toolkit::of(variant.build_type) != Toolkit::Cpu {
        Some(format!("no Mac has the toolkit of `{}`", variant.name))
    } else if !variant.native {
        Some(format!("variant `{}` needs its toolkit's base image", variant.name))
    } else {
        None
    };
    match (request.realm, obstacle) {
        (RealmChoice::Auto, None) => {
            let whose = if host.is_here { "this machine" } else { "the machine that is planned for" };
            Ok((Realm::Native, format!("{platform} is {whose} and `{}` builds natively", variant.name)))
        }
        (RealmChoice::Native, None) => Ok((Realm::Native, "asked for with --realm native".to_owned())),
        (RealmChoice::Native, Some(why)) => Err(PlanError::NotNative {
            what: format!("`{}` in variant `{}` for {platform}", backend.name, variant.name),
            why,
            next: if platform.os == Os::Darwin && platform == host.platform {
                "use `metal` or `cpu`, and take the platform out of the variant's row".to_owned()
            } else if platform.os == Os::Darwin {
                "run the same command on a Mac, or plan for one with --host FILE, as `doctor --capture` writes it".to_owned()
            } else {
                "use --realm container, or a machine that fits".to_owned()
            },
        }),
        (RealmChoice::Auto | RealmChoice::Container, why) => {
            let container = container(manifests, backend, variant, platform, request)?;
            let why = why.unwrap_or_else(|| "asked for with --realm container".to_owned());
            Ok((Realm::Container(Box::new(container)), why))
        }
    }
}

/// The container as it is before anybody has asked the registry: the choice is made anew with what it says.
fn container(
    manifests: &Manifests,
    backend: &Backend,
    variant: &Variant,
    platform: Platform,
    request: &Request,
) -> Result<Container, PlanError> {
    let base = builder_image(manifests, backend, variant, platform)?;
    let unknown = Presence::Unknown("the registry was not asked".to_owned());
    let (builder, reason) = choose(request.builder, &backend.name, &base, &unknown)?;
    let template = manifests.templates.digest(backend.recipe.template()).map(str::to_owned);
    Ok(Container { base, builder, image: None, reason, template })
}

/// The gRPC that C++ is linked with: the user's choice on a host, what the base holds in a container.
fn grpc_of(
    realm: &Realm,
    backend: &Backend,
    variant: &Variant,
    platform: Platform,
    request: &Request,
) -> Result<Grpc, PlanError> {
    let base = realm.container().and_then(|_| variant.base(platform.arch, Some(backend.recipe.language())));
    let Some((base, _)) = base else { return Ok(request.grpc) };
    if request.grpc != Grpc::System && request.grpc != base.grpc {
        return Err(PlanError::NotContainer {
            what: format!("`{}` with a gRPC of its own", backend.name),
            why: format!("the base image {} brings it along", base.image),
            next: "leave --grpc away, or change `grpc` of the base in backend/variants.yaml".to_owned(),
        });
    }
    Ok(base.grpc)
}

fn pins(
    manifests: &Manifests,
    backend: &Backend,
    variant: &Variant,
    platform: Platform,
    realm: &Realm,
    host: &Host,
    request: &Request,
) -> Result<BTreeMap<PinName, Pin>, PlanError> {
    let mut pins = BTreeMap::new();
    if let Recipe::Python(python) = &backend.recipe
        && let wanted = python.requirements(&variant.name).version.as_ref()
        && let Some(name) = python::portable_interpreter(wanted, platform, distro(realm, host))?
    {
        pins.insert(name.clone(), manifests.pinned().source(name.as_str())?.clone());
    }
    for name in &backend.sources {
        if let Some(pin) = manifests.pins.get(name) {
            pins.insert(name.clone(), options::override_pin(pin, request)?);
        }
    }
    Ok(pins)
}

fn distro(realm: &Realm, host: &Host) -> Option<Distro> {
    realm.container().map_or(host.distro, |container| Some(container.base.distro))
}

impl Context<'_> {
    fn in_container(&self) -> bool {
        self.realm.container().is_some()
    }

    fn is_mac(&self) -> bool {
        self.platform.os == Os::Darwin
    }

    /// The command with what every compiler and linker on a Mac is told.
    fn for_target(&self, cmd: Cmd) -> Cmd {
        if self.is_mac() { cmd.env(DEPLOYMENT_TARGET, self.manifests.macos.as_str()) } else { cmd }
    }

    /// What compiles and links: the system's own on Linux, and Apple's, whose headers and libraries are of one version.
    fn compilers(&self) -> &'static [&'static str] {
        if self.is_mac() { &["cc", "c++", "xcrun"] } else { &["cc", "c++", "ld"] }
    }

    /// The distribution that the steps run on.
    fn distro(&self) -> Option<Distro> {
        distro(self.realm, self.host)
    }

    /// Facts of packages of the family whose files reach the output.
    fn packages<'p>(&'p self, family: impl IntoIterator<Item = &'p str>) -> impl Iterator<Item = Fact> {
        let packages = family.into_iter().map(|name| Fact::Package(name.to_owned()));
        packages.filter(|_| self.platform.os == Os::Linux)
    }

    fn label(text: &str) -> Result<Label, PlanError> {
        Ok(text.parse()?)
    }

    fn step(id: &str, action: impl Into<Action>) -> Result<Step, PlanError> {
        Ok(Step { id: Self::label(id)?, action: action.into() })
    }

    fn calls(&self) -> Vec<String> {
        self.backend.task.into_iter().flat_map(Task::calls).map(|call| (*call).to_owned()).collect()
    }

    /// One program and what the manifest says of the package, with licences that the build itself gathered.
    fn package(&self, program: Program, licenses: Arg) -> Package {
        let own = &self.backend.package;
        Package {
            calls: self.calls(),
            programs: vec![program],
            helpers: Vec::new(),
            libraries: None,
            data: Vec::new(),
            library_dirs: Vec::new(),
            own_libraries: Vec::new(),
            vulkan_drivers: None,
            extra_libraries: own.extra_libraries.clone(),
            env: own.env.clone(),
            env_if_exists: own.env_if_exists.clone(),
            told: Vec::new(),
            licenses: Vec::new(),
            license_tree: Some(licenses),
            links: None,
            plugins: None,
            min_macos: self.is_mac().then(|| self.manifests.macos.clone()),
            host_shell: false,
        }
    }
}
