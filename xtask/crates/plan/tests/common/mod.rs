//! A small catalogue and host, made by hand, that plans are tested on.
#![allow(dead_code)]

use model::backend::{
    Backend, Cmake, CmakeSource, Gallery, Go, Inputs, PackageRules, Recipe, Rust, Task, VariantUse,
};
use model::base::{Base, Toolkit};
use model::build_type::BuildType;
use model::cmake_options::OptionTables;
use model::contract::Contract;
use model::flavor::Flavor;
use model::grpc::Grpc;
use model::host::{Distro, Host, Privilege};
use model::image_names::repositories::Registry;
use model::macos::DeploymentTarget;
use model::manifest::{self, Derived, Files, Manifests};
use model::platform::{Arch, Platform};
use model::source::{Pin, Repository, Upstream, Wheel};
use model::staged::BuildPackages;
use model::template::Templates;
use model::time::refresh::Refresh;
use model::variant::{Cuda, Variant};
use plan::Plan;
use plan::container::BuilderChoice;
use plan::recipe::{self, PlanError};
use plan::request::Request;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

pub struct World {
    pub manifests: Manifests,
    pub host: Host,
}

impl Deref for World {
    type Target = Manifests;

    fn deref(&self) -> &Manifests {
        &self.manifests
    }
}

impl DerefMut for World {
    fn deref_mut(&mut self) -> &mut Manifests {
        self.manifests.derived = Derived::default();
        &mut self.manifests
    }
}

pub fn platform(text: &str) -> Platform {
    text.parse().unwrap()
}

fn cuda(build_type: BuildType) -> Option<Cuda> {
    (build_type == BuildType::Cublas).then_some(Cuda { major: 12, minor: 8 })
}

/// A base of the kind that a variant's row names.
pub fn base(build_type: BuildType) -> Base {
    Base {
        image: "ubuntu:24.04".into(),
        distro: Distro::Ubuntu2404,
        toolkit: Toolkit::of(build_type),
        cuda: cuda(build_type),
        skip_drivers: true,
        grpc: Grpc::System,
    }
}

pub fn world() -> World {
    let all = ["linux/amd64", "linux/arm64", "darwin/arm64"].map(platform);
    let variant = |name: &str, build_type, native| Variant {
        name: name.parse().unwrap(),
        build_type,
        cuda: cuda(build_type),
        python_build_type: build_type,
        gpu_targets: Vec::new(),
        bases: [Arch::Amd64, Arch::Arm64].map(|arch| (arch, base(build_type))).into(),
        prebuilt: [Arch::Amd64, Arch::Arm64].map(|arch| (arch, "noble".parse().unwrap())).into(),
        by_language: BTreeMap::new(),
        platforms: all.to_vec(),
        native,
    };
    let variants = [
        variant("cpu", BuildType::Cpu, true),
        variant("vulkan", BuildType::Vulkan, true),
        variant("cuda-12", BuildType::Cublas, false),
        variant("rocm", BuildType::Hipblas, false),
        variant("sycl-f16", BuildType::SyclF16, false),
        variant("metal", BuildType::Metal, true),
    ];
    let uses: Vec<VariantUse> =
        variants.iter().map(|v| VariantUse { variant: v.name.clone(), platforms: all.to_vec() }).collect();
    let pin = Pin {
        name: "llama.cpp".parse().unwrap(),
        version: "b6800".into(),
        upstream: Upstream::Git {
            url: "https://git.example/llama.cpp".into(),
            commit: "0c1e57098bba43ac29e6e3b677cdceebdd22334f".parse().unwrap(),
        },
        submodules: false,
        tree: Some("1".repeat(64).parse().unwrap()),
        exclude: Vec::new(),
        mirrors: Vec::new(),
        patches: Vec::new(),
        license: "MIT".into(),
        license_files: vec!["LICENSE".parse().unwrap()],
    };
    let inputs = |dir: &str| Inputs {
        include: vec![format!("{dir}/**"), "backend/backend.proto".into()],
        exclude: vec![],
        generated: vec![],
    };
    let llama = Backend {
        name: "llama-cpp".parse().unwrap(),
        description: "Text".into(),
        dir: "backend/cpp/llama-cpp".into(),
        license: "MIT".into(),
        inputs: inputs("backend/cpp/llama-cpp"),
        sources: vec!["llama.cpp".parse().unwrap()],
        place: Vec::new(),
        build_packages: BuildPackages::default(),
        variants: uses.clone(),
        tag_suffixes: BTreeMap::new(),
        task: Some(Task::Generate),
        recipe: Recipe::Cmake(Cmake {
            source: Some(CmakeSource { pin: "llama.cpp".parse().unwrap(), variable: "LLAMA_CPP_DIR".into() }),
            target: "grpc-server".into(),
            output: None,
            options: tables(),
            default_flavors: vec![Flavor::Native],
            published_flavors: vec![Flavor::CpuAll, Flavor::Grpc, Flavor::RpcServer],
        }),
        package: PackageRules::default(),
        gallery: Gallery::default(),
    };
    let store = Backend {
        name: "local-store".parse().unwrap(),
        description: "Vectors".into(),
        dir: "backend/go/local-store".into(),
        inputs: inputs("backend/go/local-store"),
        sources: Vec::new(),
        task: Some(Task::Store),
        recipe: Recipe::Go(Go { package: ".".into(), stubs: None, cgo: false, engine: None }),
        ..llama.clone()
    };
    let lexical = Backend {
        name: "lexical".parse().unwrap(),
        description: "Vectors of words".into(),
        dir: "backend/rust/lexical".into(),
        inputs: inputs("backend/rust/lexical"),
        task: Some(Task::Embed),
        recipe: Recipe::Rust(Rust { binary: "lexical".into(), config: None }),
        ..store.clone()
    };
    let manifests = Manifests {
        backends: [llama, store, lexical].into_iter().map(|b| (b.name.clone(), b)).collect(),
        variants: variants.into_iter().map(|v| (v.name.clone(), v)).collect(),
        pins: ["rust-amd64", "rust-arm64"]
            .map(|name| Pin { name: name.parse().unwrap(), ..pin.clone() })
            .into_iter()
            .chain([pin.clone()])
            .map(|pin| (pin.name.clone(), pin))
            .collect(),
        repositories: ["amd-rocm", "intel-gpu", "intel-oneapi", "nvidia-cuda"]
            .map(repository)
            .map(|row| (row.name.clone(), row))
            .into(),
        wheels: ["ninja", "uv", "go"].map(wheel).map(|wheel| (wheel.name.clone(), wheel)).into(),
        defaults: all.map(|platform| (platform, "cpu".parse().unwrap())).into(),
        templates: Templates::default(),
        derived: Derived::default(),
        bases: BTreeMap::new(),
        consumers: Vec::new(),
        root_images: BTreeMap::new(),
        registry: Registry {
            cache: "registry.example/cache".to_owned(),
            backends: Vec::new(),
            root: Vec::new(),
            pull_requests: "registry.example/pulls".to_owned(),
            trust: None,
        },
        compiler_cache: None,
        contract: Contract::default(),
        macos: DeploymentTarget::default(),
        refresh: Refresh::IsoWeek,
    };
    World { manifests, host: host("linux/amd64") }
}

fn repository(name: &str) -> Repository {
    let (uri, key) = ("https://packages.example".to_owned(), "https://packages.example/key".to_owned());
    Repository { name: name.parse().unwrap(), uri, key, fingerprint: "4".repeat(40).parse().unwrap() }
}

fn wheel(name: &str) -> Wheel {
    let sha256 = Arch::ALL.map(|arch| (arch, "3".repeat(64).parse().unwrap())).into();
    Wheel { name: name.parse().unwrap(), package: name.to_owned(), version: "1.2.3".to_owned(), sha256 }
}

pub fn host(of: &str) -> Host {
    Host {
        platform: platform(of),
        distro: Some(Distro::Debian12),
        privilege: Privilege::Root,
        cpus: 2,
        memory_mib: 24_000,
        cpu: "X avx2".into(),
        refresh: Some("2026-W47".into()),
        ci: false,
        is_here: true,
    }
}

pub fn request(backend: &str) -> Request {
    Request {
        backend: backend.parse().unwrap(),
        variant: None,
        platform: None,
        flavors: Vec::new(),
        publish: false,
        realm: plan::request::RealmChoice::Auto,
        builder: BuilderChoice::Auto,
        compiler_cache: plan::request::CompilerCache::Ccache,
        grpc: model::grpc::Grpc::System,
        settings: BTreeMap::new(),
    }
}

impl World {
    pub fn plan(&self, request: &Request) -> Result<Plan, PlanError> {
        recipe::plan(&self.manifests, &self.host, request)
    }
}

/// The arguments of a step, joined.
pub fn command(plan: &Plan, id: &str) -> String {
    let step =
        plan.steps.iter().find(|step| step.id.as_str() == id).unwrap_or_else(|| panic!("no step {id}"));
    let plan::step::Action::Run { cmd } = &step.action else { panic!("{id} runs nothing") };
    std::iter::once(&cmd.program).chain(&cmd.args).map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// What the repository's llama-cpp gives CMake, with an option of its own.
fn tables() -> OptionTables {
    let files = Files::from([
        ("backend/variants.yaml".into(), include_str!("../../../../../backend/variants.yaml").to_owned()),
        ("backend/sources.yaml".into(), include_str!("../../../../../backend/sources.yaml").to_owned()),
        (
            "backend/cpp/llama-cpp/backend.yaml".into(),
            include_str!("../../../../../backend/cpp/llama-cpp/backend.yaml").to_owned(),
        ),
    ]);
    let manifests = manifest::load(&files).unwrap();
    let Recipe::Cmake(cmake) = manifests.backends.values().next().unwrap().recipe.clone() else { panic!() };
    let mut tables = cmake.options;
    tables.always.insert("LLAMA_OPENSSL".to_owned(), "OFF".parse().unwrap());
    tables
}
