//! `backend/variants.yaml`: its shape, and what no shape says.

mod starts;

use self::starts::{Starts, starts};
use super::issue::Issues;
use super::root_images;
use super::trail::Trail;
use super::words::{distinct, filled, image, listed, plain};
use crate::base::{Base, Consumer, PrebuiltBase, Toolkit};
use crate::build_type::BuildType;
use crate::compiler_cache::SharedCompilerCache;
use crate::contract::Contract;
use crate::grpc::Grpc;
use crate::host::Distro;
use crate::image_names::repositories::Registry;
use crate::macos::DeploymentTarget;
use crate::name::{BaseName, RootName, VariantName};
use crate::oci::{Reference, Repository};
use crate::platform::{Arch, Os, Platform};
use crate::root_image::RootImage;
use crate::script::Language;
use crate::text::suggest;
use crate::text::table::{Rows, Table};
use crate::time::refresh::Refresh;
use crate::trust::Trust;
use crate::variant::{Cuda, Ubuntu, Variant};
use std::collections::BTreeMap;

/// Registries, builder bases and the ways to build.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a mapping")]
#[schemars(rename = "Variants", title = "variants.yaml")]
pub(super) struct Written {
    /// Image repositories.
    registry: Registry,
    /// The compiler cache that machines share, where there is one.
    #[serde(default)]
    compiler_cache: Option<SharedCompilerCache>,
    /// What every backend serves; LocalAI's contract where it is not said.
    #[serde(default)]
    contract: Contract,
    /// The oldest macOS that packages run on, as in `"15.0"`.
    #[serde(default, rename = "macos-deployment-target")]
    macos: DeploymentTarget,
    /// How often requirements that are not locked are resolved anew.
    refresh: Refresh,
    /// The variant that is built when none is named, by platform.
    defaults: Table<Platform, VariantName>,
    /// Prebuilt builder bases; the tag is `base-grpc-` and the key.
    bases: Table<BaseName, BaseRow>,
    /// Which units start from which base.
    consumers: Vec<Consumer>,
    /// Ways to build, by name.
    variants: Table<VariantName, VariantRow>,
    /// Root images, by name: what starts packaged backends.
    #[serde(default)]
    root_images: Rows<RootName, RootImage>,
}

/// One prebuilt builder base.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Base")]
struct BaseRow {
    /// What it is built for.
    platform: Platform,
    /// The CI runner that builds it.
    runner: String,
    /// The image that it starts from.
    image: String,
    /// What is installed on top.
    toolkit: Toolkit,
    /// CUDA version, as in `"12.8"`.
    cuda: Option<Cuda>,
    /// Ubuntu release inside the image; either this or `distro`.
    ubuntu: Option<Ubuntu>,
    /// The distribution inside the image.
    distro: Option<Distro>,
    /// The image already carries the drivers and toolkits.
    #[serde(default)]
    skip_drivers: bool,
    /// The gRPC that C++ units find on it.
    #[serde(default)]
    #[schemars(extend("default" = "source"))]
    grpc: Grpc,
}

/// One way to build.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Variant")]
struct VariantRow {
    /// What kernels are compiled for.
    build_type: BuildType,
    /// The build type of Python backends, where it has another name.
    python_build_type: Option<BuildType>,
    /// CUDA version, as in `"12.8"`.
    cuda: Option<Cuda>,
    /// GPU targets; none means the build's default.
    #[serde(default)]
    gpu_targets: Vec<String>,
    /// Platforms that the variant exists on.
    platforms: Vec<Platform>,
    /// It can be built on a host prepared by `install-base-deps`.
    #[serde(default)]
    native: bool,
    /// What container builds start from in place of what `consumers` say.
    #[serde(default)]
    images: Table<Arch, ImageRow>,
}

/// What container builds start from.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Image")]
struct ImageRow {
    /// Image reference.
    image: String,
    /// Ubuntu release inside the image; either this or `distro`.
    ubuntu: Option<Ubuntu>,
    /// The distribution inside the image.
    distro: Option<Distro>,
    /// The image already carries the drivers and toolkits.
    #[serde(default)]
    skip_drivers: bool,
    /// The gRPC that C++ units find on it.
    #[serde(default)]
    #[schemars(extend("default" = "source"))]
    grpc: Grpc,
    /// Languages of the backends that start from it; all of them where none is named.
    #[serde(default)]
    languages: Vec<Language>,
}

/// The checked file.
pub(super) struct Variants {
    pub registry: Registry,
    pub compiler_cache: Option<SharedCompilerCache>,
    pub contract: Contract,
    pub macos: DeploymentTarget,
    pub refresh: Refresh,
    pub defaults: BTreeMap<Platform, VariantName>,
    pub bases: BTreeMap<BaseName, PrebuiltBase>,
    pub consumers: Vec<Consumer>,
    pub table: BTreeMap<VariantName, Variant>,
    pub root_images: BTreeMap<RootName, RootImage>,
}

/// Checks the table; `None` when there are issues.
pub(super) fn check(file: Written, issues: &mut Issues) -> Option<Variants> {
    let root = Trail::root();
    registry(issues, root.key("registry"), &file.registry);
    filled(issues, root.key("contract").key("ready"), &file.contract.ready);
    let bases = bases(issues, root.key("bases"), file.bases);
    consumers(issues, root.key("consumers"), &file.consumers, &bases);
    // With a row missing above, whatever needed it would be blamed as well.
    let sure = issues.is_empty().then_some((&bases, file.consumers.as_slice()));
    let trail = root.key("variants");
    listed(issues, trail, &file.variants.0, "add a row");
    let mut table = BTreeMap::new();
    for (name, row) in file.variants.0 {
        let row = variant(issues, trail.key(name.as_str()), &name, row, sure);
        table.insert(name, row);
    }
    let defaults = defaults(issues, root.key("defaults"), file.defaults, &table);
    root_images::check(issues, root.key("root-images"), &file.root_images);
    let root_images = file.root_images.0.into_iter().collect();
    let Written { registry, compiler_cache, contract, macos, refresh, consumers, .. } = file;
    let checked = Variants {
        registry,
        compiler_cache,
        contract,
        macos,
        refresh,
        defaults,
        bases,
        consumers,
        table,
        root_images,
    };
    issues.is_empty().then_some(checked)
}

fn registry(issues: &mut Issues, trail: Trail<'_>, registry: &Registry) {
    image::<Repository>(issues, trail.key("cache"), &registry.cache);
    image::<Repository>(issues, trail.key("pull-requests"), &registry.pull_requests);
    for (key, list) in [("backends", &registry.backends), ("root", &registry.root)] {
        listed(issues, trail.key(key), list, "name at least one repository");
        distinct(issues, trail.key(key), list);
        for (index, repository) in list.iter().enumerate() {
            image::<Repository>(issues, trail.key(key).index(index), repository);
        }
    }
    if let Some(named) = &registry.trust {
        trust(issues, trail.key("trust"), named);
    }
}

fn trust(issues: &mut Issues, trail: Trail<'_>, trust: &Trust) {
    let Trust { keys, identities } = trust;
    if keys.is_empty() && identities.is_empty() {
        let help = "name a key or an identity, or leave `trust` away".to_owned();
        issues.key(trail, "nobody is trusted", help);
    }
    distinct(issues, trail.key("keys"), keys);
    for (index, identity) in identities.iter().enumerate() {
        let row = trail.key("identities");
        let row = row.index(index);
        for (key, text) in [("issuer", &identity.issuer), ("workflow", &identity.workflow)] {
            filled(issues, row.key(key), text);
        }
        if let Some((key, message, help)) = identity.mistake() {
            issues.value(row.key(key), message, help.to_owned());
        }
    }
}

fn bases(
    issues: &mut Issues,
    trail: Trail<'_>,
    table: Table<BaseName, BaseRow>,
) -> BTreeMap<BaseName, PrebuiltBase> {
    let checked = |(name, written): (BaseName, BaseRow)| {
        let row = trail.key(name.as_str());
        let BaseRow { platform, runner, image, toolkit, cuda, ubuntu, distro, skip_drivers, grpc } = written;
        plain(issues, row.key("runner"), &runner, "_");
        self::image::<Reference>(issues, row.key("image"), &image);
        self::cuda(issues, row, cuda, toolkit);
        if platform.os != Os::Linux {
            let help = "use linux/amd64 or linux/arm64".to_owned();
            issues.value(row.key("platform"), "a base image is a Linux image", help);
        }
        let distro = inside(issues, row, ubuntu, distro);
        let base = Base { image, distro, toolkit, cuda, skip_drivers, grpc };
        (name.clone(), PrebuiltBase { name, platform, runner, base })
    };
    table.0.into_iter().map(checked).collect()
}

/// The distribution of an image: `ubuntu` is short for one half of what `distro` can say. Where neither does, any will
/// do for the checks that follow: the file is refused.
fn inside(issues: &mut Issues, trail: Trail<'_>, ubuntu: Option<Ubuntu>, distro: Option<Distro>) -> Distro {
    if distro.is_some() && ubuntu.is_some() {
        let help = "remove `ubuntu`".to_owned();
        issues.key(trail.key("ubuntu"), "the distribution is said twice", help);
    }
    distro.or(ubuntu.map(Distro::from)).unwrap_or_else(|| {
        let help = "add `distro: ubuntu-24.04`, or debian-12, debian-13, ubuntu-22.04".to_owned();
        issues.key(trail, "nothing says which distribution is inside", help);
        Distro::Ubuntu2404
    })
}

fn consumers(
    issues: &mut Issues,
    trail: Trail<'_>,
    rows: &[Consumer],
    bases: &BTreeMap<BaseName, PrebuiltBase>,
) {
    for (index, consumer) in rows.iter().enumerate() {
        let row = trail.index(index);
        let Consumer { build_types, cuda, platform, languages, base: name } = consumer;
        listed(issues, row.key("build-types"), build_types, "name at least one build type");
        distinct(issues, row.key("languages"), languages);
        let Some(base) = bases.get(name) else {
            let hint = suggest::hint(name.as_str(), bases.keys().map(BaseName::as_str));
            let help = format!("`bases` has no such row{hint}");
            issues.value(row.key("base"), format!("unknown base `{name}`"), help);
            continue;
        };
        if base.platform != *platform {
            let message = format!("base `{name}` is made for {}, not for {platform}", base.platform);
            issues.value(row.key("base"), message, None);
        }
        if base.base.cuda.map(|cuda| cuda.major) != *cuda {
            let has = base.base.cuda.map_or("no CUDA".to_owned(), |cuda| format!("CUDA {cuda}"));
            issues.value(row.key("base"), format!("base `{name}` has {has}"), "mend `cuda`".to_owned());
        }
        let overlap = |known: &&Consumer| {
            known.platform == *platform
                && known.cuda == *cuda
                && known.build_types.iter().any(|build_type| build_types.contains(build_type))
                && (known.languages.is_empty() == languages.is_empty())
                && (languages.is_empty() || known.languages.iter().any(|one| languages.contains(one)))
        };
        if let Some(known) = rows[..index].iter().find(overlap) {
            let message = format!("base `{}` serves these units already", known.base);
            let help = "a unit starts from one base: remove one of the rows".to_owned();
            issues.value(row, message, help);
        }
    }
}

fn variant(
    issues: &mut Issues,
    trail: Trail<'_>,
    name: &VariantName,
    row: VariantRow,
    bases: Option<(&BTreeMap<BaseName, PrebuiltBase>, &[Consumer])>,
) -> Variant {
    let VariantRow { build_type, python_build_type, cuda, gpu_targets, platforms, native, images } = row;
    let toolkit = Toolkit::of(build_type);
    self::cuda(issues, trail, cuda, toolkit);
    let bases = bases.filter(|_| cuda.is_some() == toolkit.is_nvidia());
    for (index, target) in gpu_targets.iter().enumerate() {
        plain(issues, trail.key("gpu-targets").index(index), target, "_+:");
    }
    distinct(issues, trail.key("gpu-targets"), &gpu_targets);
    let list = trail.key("platforms");
    listed(issues, list, &platforms, "name at least one platform");
    distinct(issues, list, &platforms);
    let images = self::images(issues, trail.key("images"), images, &platforms, (toolkit, cuda));
    let kind = (build_type, cuda);
    let Starts { bases: made, prebuilt, by_language } =
        starts(issues, trail, &platforms, &images, bases, kind);
    Variant {
        name: name.clone(),
        build_type,
        python_build_type: python_build_type.unwrap_or(build_type),
        cuda,
        gpu_targets,
        bases: made,
        prebuilt,
        by_language,
        platforms,
        native,
    }
}

fn images(
    issues: &mut Issues,
    trail: Trail<'_>,
    table: Table<Arch, ImageRow>,
    platforms: &[Platform],
    (toolkit, cuda): (Toolkit, Option<Cuda>),
) -> BTreeMap<Arch, (Vec<Language>, Base)> {
    let mut images = BTreeMap::new();
    for (arch, ImageRow { image, ubuntu, distro, skip_drivers, grpc, languages }) in table.0 {
        let row = trail.key(arch.as_str());
        if !platforms.contains(&Platform { os: Os::Linux, arch }) {
            let message = format!("an image for {arch}, but the variant is not made for linux/{arch}");
            issues.key(row, message, "remove it, or add the platform".to_owned());
        }
        self::image::<Reference>(issues, row.key("image"), &image);
        let distro = inside(issues, row, ubuntu, distro);
        distinct(issues, row.key("languages"), &languages);
        images.insert(arch, (languages, Base { image, distro, toolkit, cuda, skip_drivers, grpc }));
    }
    images
}

fn defaults(
    issues: &mut Issues,
    trail: Trail<'_>,
    table: Table<Platform, VariantName>,
    variants: &BTreeMap<VariantName, Variant>,
) -> BTreeMap<Platform, VariantName> {
    for (platform, name) in &table.0 {
        let row = trail.key(platform.as_str());
        match variants.get(name) {
            Some(variant) if variant.platforms.contains(platform) => {}
            Some(_) => issues.value(row, format!("variant `{name}` does not exist on {platform}"), None),
            None => {
                let hint = suggest::hint(name.as_str(), variants.keys().map(VariantName::as_str));
                let help = format!("`variants` has no such row{hint}");
                issues.value(row, format!("unknown variant `{name}`"), help);
            }
        }
    }
    let defaults: BTreeMap<Platform, VariantName> = table.0.into_iter().collect();
    for platform in Platform::ALL.into_iter().filter(|platform| !defaults.contains_key(platform)) {
        let help = format!("add `{platform}: cpu`");
        issues.key(trail, format!("no default variant for {platform}"), help);
    }
    defaults
}

/// A CUDA version where, and only where, there is an NVIDIA toolkit.
pub(super) fn cuda(issues: &mut Issues, trail: Trail<'_>, cuda: Option<Cuda>, toolkit: Toolkit) {
    match (cuda, toolkit.is_nvidia()) {
        (None, true) => {
            issues.key(trail, "no CUDA version", "add one, as in `cuda: \"12.8\"`".to_owned());
        }
        (Some(_), false) => {
            let message = "a CUDA version on something that is not NVIDIA's";
            issues.key(trail.key("cuda"), message, "remove `cuda`".to_owned());
        }
        (None, false) | (Some(_), true) => {}
    }
}
