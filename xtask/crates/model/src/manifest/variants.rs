//! `backend/variants.yaml`: raw to checked.

use super::issue::Issues;
use super::raw::{RawBase, RawConsumer, RawImage, RawRegistry, RawVariant, RawVariants, Table};
use super::root_images;
use super::trail::Trail;
use super::words::{distinct, filled, listed, parse_key};
use crate::base::{Base, Consumer, PrebuiltBase, Toolkit};
use crate::host::Distro;
use crate::image_names::repositories::Registry;
use crate::name::{BaseName, RootName, VariantName};
use crate::platform::{Arch, Os, Platform};
use crate::root_image::RootImage;
use crate::text::suggest;
use crate::time::refresh::Refresh;
use crate::variant::{Cuda, Ubuntu, Variant};
use std::collections::BTreeMap;

/// The checked file.
pub(super) struct Variants {
    pub registry: Registry,
    pub refresh: Refresh,
    pub defaults: BTreeMap<Platform, VariantName>,
    pub bases: BTreeMap<BaseName, PrebuiltBase>,
    pub consumers: Vec<Consumer>,
    pub table: BTreeMap<VariantName, Variant>,
    pub root_images: BTreeMap<RootName, RootImage>,
}

/// Checks the table; `None` when there are issues.
pub(super) fn check(raw: RawVariants, issues: &mut Issues) -> Option<Variants> {
    let root = Trail::root();
    let registry = registry(issues, root.key("registry"), raw.registry);
    let bases = bases(issues, root.key("bases"), raw.bases);
    let consumers = consumers(issues, root.key("consumers"), raw.consumers, &bases);
    // With a row missing above, whatever needed it would be blamed as well.
    let sure = issues.0.is_empty();
    let trail = root.key("variants");
    listed(issues, trail, &raw.variants.0, "add a row");
    let mut variants = BTreeMap::new();
    for (name, row) in raw.variants.0 {
        let row = variant(issues, trail.key(&name), &name, row, sure.then_some((&bases, &consumers)));
        if let Some(row) = row {
            variants.insert(row.name.clone(), row);
        }
    }
    let defaults = defaults(issues, root.key("defaults"), &raw.defaults, &variants);
    let root_images = root_images::check(issues, root.key("root-images"), raw.root_images);
    let checked =
        Variants { registry, refresh: raw.refresh, defaults, bases, consumers, table: variants, root_images };
    issues.0.is_empty().then_some(checked)
}

fn registry(issues: &mut Issues, trail: Trail<'_>, raw: RawRegistry) -> Registry {
    filled(issues, trail.key("cache"), &raw.cache);
    filled(issues, trail.key("pull-requests"), &raw.pull_requests);
    for (key, list) in [("backends", &raw.backends), ("root", &raw.root)] {
        listed(issues, trail.key(key), list, "name at least one repository");
        distinct(issues, trail.key(key), list);
    }
    Registry { cache: raw.cache, backends: raw.backends, root: raw.root, pull_requests: raw.pull_requests }
}

fn bases(issues: &mut Issues, trail: Trail<'_>, table: Table<RawBase>) -> BTreeMap<BaseName, PrebuiltBase> {
    let mut bases = BTreeMap::new();
    for (text, raw) in table.0 {
        let row = trail.key(&text);
        filled(issues, row.key("runner"), &raw.runner);
        filled(issues, row.key("image"), &raw.image);
        let cuda =
            cuda(issues, row, raw.cuda.as_deref(), matches!(raw.toolkit, Toolkit::Cublas | Toolkit::L4t));
        if raw.platform.os != Os::Linux {
            let help = "use linux/amd64 or linux/arm64";
            issues.value(row.key("platform"), "a base image is a Linux image", Some(help.to_owned()));
        }
        let distro = inside(issues, row, raw.ubuntu, raw.distro);
        let Some(name) = parse_key::<BaseName>(issues, row, &text) else { continue };
        let RawBase { platform, runner, image, toolkit, skip_drivers, grpc, .. } = raw;
        let base = Base { image, distro, toolkit, cuda, skip_drivers, grpc: grpc.into() };
        bases.insert(name.clone(), PrebuiltBase { name, platform, runner, base });
    }
    bases
}

/// The distribution of an image: `ubuntu` is short for one half of what `distro` can say. Where neither does, any will
/// do for the checks that follow: the file is refused.
fn inside(issues: &mut Issues, trail: Trail<'_>, ubuntu: Option<Ubuntu>, distro: Option<Distro>) -> Distro {
    if distro.is_some() && ubuntu.is_some() {
        let help = "remove `ubuntu`".to_owned();
        issues.key(trail.key("ubuntu"), "the distribution is said twice", Some(help));
    }
    distro.or(ubuntu.map(Distro::from)).unwrap_or_else(|| {
        let help = "add `distro: ubuntu-24.04`, or debian-12, debian-13, ubuntu-22.04".to_owned();
        issues.key(trail, "nothing says which distribution is inside", Some(help));
        Distro::Ubuntu2404
    })
}

fn consumers(
    issues: &mut Issues,
    trail: Trail<'_>,
    rows: Vec<RawConsumer>,
    bases: &BTreeMap<BaseName, PrebuiltBase>,
) -> Vec<Consumer> {
    let mut consumers: Vec<Consumer> = Vec::new();
    for (index, raw) in rows.into_iter().enumerate() {
        let row = trail.index(index);
        listed(issues, row.key("build-types"), &raw.build_types, "name at least one build type");
        let Some(base) = bases.get(raw.base.as_str()) else {
            let hint = suggest::hint(&raw.base, bases.keys().map(BaseName::as_str));
            let help = format!("`bases` has no such row{hint}");
            issues.value(row.key("base"), format!("unknown base `{}`", raw.base), Some(help));
            continue;
        };
        if base.platform != raw.platform {
            let message =
                format!("base `{}` is made for {}, not for {}", base.name, base.platform, raw.platform);
            issues.value(row.key("base"), message, None);
        }
        if base.base.cuda.map(|cuda| cuda.major) != raw.cuda {
            let has = base.base.cuda.map_or("no CUDA".to_owned(), |cuda| format!("CUDA {cuda}"));
            issues.value(
                row.key("base"),
                format!("base `{}` has {has}", base.name),
                Some("mend `cuda`".to_owned()),
            );
        }
        let overlap = |known: &&Consumer| {
            known.platform == raw.platform
                && known.cuda == raw.cuda
                && known.build_types.iter().any(|build_type| raw.build_types.contains(build_type))
        };
        if let Some(known) = consumers.iter().find(overlap) {
            let message = format!("base `{}` serves these units already", known.base);
            issues.value(
                row,
                message,
                Some("a unit starts from one base: remove one of the rows".to_owned()),
            );
        }
        let base = base.name.clone();
        consumers.push(Consumer {
            build_types: raw.build_types,
            cuda: raw.cuda,
            platform: raw.platform,
            base,
        });
    }
    consumers
}

fn variant(
    issues: &mut Issues,
    trail: Trail<'_>,
    name: &str,
    raw: RawVariant,
    bases: Option<(&BTreeMap<BaseName, PrebuiltBase>, &Vec<Consumer>)>,
) -> Option<Variant> {
    let name = parse_key::<VariantName>(issues, trail, name);
    let nvidia =
        Toolkit::of(raw.build_type) == Toolkit::Cublas || Toolkit::of(raw.build_type) == Toolkit::L4t;
    let cuda = cuda(issues, trail, raw.cuda.as_deref(), nvidia);
    let bases = bases.filter(|_| cuda.is_some() == nvidia);
    distinct(issues, trail.key("gpu-targets"), &raw.gpu_targets);
    let list = trail.key("platforms");
    listed(issues, list, &raw.platforms, "name at least one platform");
    for (index, platform) in raw.platforms.iter().enumerate() {
        if raw.platforms[..index].contains(platform) {
            issues.value(
                list.index(index),
                format!("{platform} is listed twice"),
                Some("remove one".to_owned()),
            );
        }
    }
    let toolkit = (Toolkit::of(raw.build_type), cuda);
    let mut made = images(issues, trail.key("images"), raw.images, &raw.platforms, toolkit);
    let mut prebuilt = BTreeMap::new();
    for platform in raw.platforms.iter().filter(|platform| platform.os == Os::Linux) {
        if made.contains_key(&platform.arch) {
            continue;
        }
        let row = bases.and_then(|(bases, consumers)| {
            let consumer = consumers.iter().find(|row| row.serves(raw.build_type, cuda, *platform))?;
            bases.get(&consumer.base)
        });
        // A prebuilt base and the same made on the spot come from one definition.
        if let Some(row) = row {
            made.insert(platform.arch, row.base.clone());
            prebuilt.insert(platform.arch, row.name.clone());
        } else if bases.is_some() {
            let help = format!("add a row to `consumers`, or `images: {{ {}: ... }}`", platform.arch);
            issues.key(trail, format!("nothing says what {platform} starts from"), Some(help));
        }
    }
    Some(Variant {
        name: name?,
        build_type: raw.build_type,
        python_build_type: raw.python_build_type.unwrap_or(raw.build_type),
        cuda,
        gpu_targets: raw.gpu_targets,
        bases: made,
        prebuilt,
        platforms: raw.platforms,
        native: raw.native,
    })
}

fn images(
    issues: &mut Issues,
    trail: Trail<'_>,
    table: Table<RawImage>,
    platforms: &[Platform],
    (toolkit, cuda): (Toolkit, Option<Cuda>),
) -> BTreeMap<Arch, Base> {
    let mut images = BTreeMap::new();
    for (text, raw) in table.0 {
        let row = trail.key(&text);
        let Some(arch) = Arch::ALL.into_iter().find(|arch| arch.as_str() == text) else {
            let hint = suggest::hint(&text, Arch::ALL.map(Arch::as_str));
            let help = format!("use amd64 or arm64{hint}");
            issues.key(row, format!("`{text}` is not an architecture"), Some(help));
            continue;
        };
        if !platforms.contains(&Platform { os: Os::Linux, arch }) {
            let message = format!("an image for {arch}, but the variant is not made for linux/{arch}");
            issues.key(row, message, Some("remove it, or add the platform".to_owned()));
        }
        filled(issues, row.key("image"), &raw.image);
        let RawImage { image, ubuntu, distro, skip_drivers, grpc } = raw;
        let distro = inside(issues, row, ubuntu, distro);
        images.insert(arch, Base { image, distro, toolkit, cuda, skip_drivers, grpc: grpc.into() });
    }
    images
}

fn defaults(
    issues: &mut Issues,
    trail: Trail<'_>,
    table: &Table<String>,
    variants: &BTreeMap<VariantName, Variant>,
) -> BTreeMap<Platform, VariantName> {
    let mut defaults = BTreeMap::new();
    for (text, name) in &table.0 {
        let row = trail.key(text);
        let Some(platform) = parse_key::<Platform>(issues, row, text) else { continue };
        match variants.get(name.as_str()) {
            Some(variant) if variant.platforms.contains(&platform) => {
                defaults.insert(platform, variant.name.clone());
            }
            Some(_) => issues.value(row, format!("variant `{name}` does not exist on {platform}"), None),
            None => {
                let hint = suggest::hint(name, variants.keys().map(VariantName::as_str));
                let help = format!("`variants` has no such row{hint}");
                issues.value(row, format!("unknown variant `{name}`"), Some(help));
            }
        }
    }
    for platform in Platform::ALL {
        if !table.0.iter().any(|(text, _)| text == platform.as_str()) {
            let help = format!("add `{platform}: cpu`");
            issues.key(trail, format!("no default variant for {platform}"), Some(help));
        }
    }
    defaults
}

/// A CUDA version where, and only where, there is an NVIDIA toolkit.
pub(super) fn cuda(issues: &mut Issues, trail: Trail<'_>, text: Option<&str>, nvidia: bool) -> Option<Cuda> {
    let Some(text) = text else {
        if nvidia {
            issues.key(trail, "no CUDA version", Some("add one, as in `cuda: \"12.8\"`".to_owned()));
        }
        return None;
    };
    let place = trail.key("cuda");
    if !nvidia {
        issues.key(
            place,
            "a CUDA version on something that is not NVIDIA's",
            Some("remove `cuda`".to_owned()),
        );
        return None;
    }
    let version = text
        .split_once('.')
        .and_then(|(major, minor)| Some(Cuda { major: major.parse().ok()?, minor: minor.parse().ok()? }));
    if version.is_none() {
        let help = "write major and minor version in quotes, as in \"12.8\"";
        issues.value(place, format!("`{text}` is not a CUDA version"), Some(help.to_owned()));
    }
    version
}
