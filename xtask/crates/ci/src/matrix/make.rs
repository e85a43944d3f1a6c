//! Rows of all published units.

use super::row::{DarwinRow, LinuxRow, RunsOn};
use camino::Utf8Path;
use model::backend::Backend;
use model::image_names::{CacheTag, Collision, Group, PlatformTag, TagSuffix, groups};
use model::manifest::Manifests;
use model::name::BackendName;
use model::oci::Repository;
use model::platform::{Os, Platform};
use model::script::Language;
use model::unit::UnitId;
use model::variant::Variant;
use plan::toolchain::Family;
use std::collections::BTreeMap;

/// A row and the unit that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<R> {
    /// The unit.
    pub unit: UnitId,
    /// The end of its tags.
    pub suffix: TagSuffix,
    /// What tells it from the other platforms of its image.
    pub platform_tag: PlatformTag,
    /// As CI sees it.
    pub row: R,
}

/// Every published unit as a row, backends by name, their units in the order of their manifests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matrix {
    /// Built in containers.
    pub linux: Vec<Entry<LinuxRow>>,
    /// Built on Macs.
    pub darwin: Vec<Entry<DarwinRow>>,
}

/// The manifests cannot be a matrix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// Two units of one backend would have one name.
    #[error(transparent)]
    Collision(#[from] Collision),
    /// Two backends would have one name.
    #[error(
        "backends `{first}` and `{second}` would both be published as `{suffix}`: give one of them its own name in \
         `tag-suffixes` of its backend.yaml"
    )]
    Shared {
        /// The one that came first.
        first: BackendName,
        /// The one that came second.
        second: BackendName,
        /// The name.
        suffix: TagSuffix,
    },
    /// A unit that nothing can be built from.
    #[error("{unit}: `variants` of backend/variants.yaml does not say what it starts from")]
    NoBase {
        /// Which.
        unit: UnitId,
    },
}

impl Matrix {
    /// Every unit, those for Linux first.
    pub fn units(&self) -> impl Iterator<Item = &UnitId> {
        self.linux.iter().map(|entry| &entry.unit).chain(self.darwin.iter().map(|entry| &entry.unit))
    }
}

/// The matrix of these manifests, with prebuilt bases in `cache`.
pub fn matrix(manifests: &Manifests, cache: &Repository) -> Result<Matrix, RowError> {
    let mut found = Matrix::default();
    let mut owners: BTreeMap<TagSuffix, &BackendName> = BTreeMap::new();
    for backend in manifests.backends.values() {
        let groups = groups(backend, &manifests.variants)?;
        for group in &groups {
            if let Some(first) = owners.insert(group.suffix.clone(), &backend.name) {
                let (second, suffix) = (backend.name.clone(), group.suffix.clone());
                return Err(RowError::Shared { first: first.clone(), second, suffix });
            }
        }
        for used in &backend.variants {
            let Some(variant) = manifests.variants.get(&used.variant) else { continue };
            for &platform in &used.platforms {
                let unit = UnitId { backend: backend.name.clone(), variant: used.variant.clone(), platform };
                let suffix = TagSuffix::of(backend, variant, platform);
                let group = groups.iter().find(|group| group.suffix == suffix);
                let platform_tag =
                    group.map_or(PlatformTag::SINGLE, |group: &Group| group.platform_tag(platform));
                match platform.os {
                    Os::Linux => {
                        let row = linux(backend, variant, platform, (&suffix, platform_tag), cache)
                            .ok_or_else(|| RowError::NoBase { unit: unit.clone() })?;
                        found.linux.push(Entry { unit, suffix, platform_tag, row });
                    }
                    Os::Darwin => {
                        let row = darwin(backend, variant, &suffix);
                        found.darwin.push(Entry { unit, suffix, platform_tag, row });
                    }
                }
            }
        }
    }
    Ok(found)
}

fn linux(
    backend: &Backend,
    variant: &Variant,
    platform: Platform,
    (suffix, platform_tag): (&TagSuffix, PlatformTag),
    cache: &Repository,
) -> Option<LinuxRow> {
    let (base, prebuilt) = variant.base(platform.arch, Some(backend.recipe.language()))?;
    let prebuilt = prebuilt.filter(|_| Family::of_recipe(&backend.recipe, base.grpc).has_bases());
    let cuda = |part: fn(&model::variant::Cuda) -> u8| {
        variant.cuda.as_ref().map_or_else(String::new, |cuda| part(cuda).to_string())
    };
    Some(LinuxRow {
        build_type: variant.build_type_of(&backend.recipe).reference_name(),
        cuda_major_version: cuda(|cuda| cuda.major),
        cuda_minor_version: cuda(|cuda| cuda.minor),
        platforms: platform,
        platform_tag,
        tag_latest: LinuxRow::TAG_LATEST,
        tag_suffix: suffix.clone(),
        builder_base_image: prebuilt.map(|name| format!("{cache}:{}", CacheTag::Base(name.clone()).tag())),
        runs_on: RunsOn::of(platform.arch),
        base_image: base.image.clone(),
        skip_drivers: if base.skip_drivers { "true" } else { "false" },
        backend: backend.name.to_string(),
        dockerfile: Utf8Path::new(".").join(backend.recipe.template().path()).into_string(),
        context: LinuxRow::CONTEXT,
        ubuntu_version: base.distro.digits(),
    })
}

fn darwin(backend: &Backend, variant: &Variant, suffix: &TagSuffix) -> DarwinRow {
    let own = Some(variant.build_type_of(&backend.recipe).reference_name()).filter(|name| !name.is_empty());
    let (build_type, lang) = match backend.recipe.language() {
        // The reference routes C++ by name; `go` chooses the runner's toolchain.
        Language::Cpp => (None, Some("go")),
        Language::Go => (own, Some("go")),
        Language::Python => (own, None),
        Language::Rust => (own, Some("rust")),
    };
    DarwinRow { backend: backend.name.to_string(), tag_suffix: suffix.clone(), build_type, lang }
}
