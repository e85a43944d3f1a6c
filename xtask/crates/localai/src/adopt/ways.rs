//! Rows of a matrix as variants: those of the table where they fit, and new ones for what it does not have.

use super::configured::Called;
use super::python::Profile;
use crate::import::{List, Row};
use model::build_type::BuildType;
use model::host::Distro;
use model::image_names::TagSuffix;
use model::manifest::Manifests;
use model::name::{BackendName, BaseName, VariantName};
use model::platform::{Arch, Os, Platform};
use model::script::Language;
use model::text::yaml::Node;
use model::variant::{Cuda, Ubuntu, Variant};
use std::collections::BTreeMap;

/// What rows call the two releases.
const UBUNTU: [(&str, Ubuntu); 2] = [("2204", Ubuntu::Jammy), ("2404", Ubuntu::Noble)];
/// What a base is called by in the registry of caches.
const BASE: &str = ":base-grpc-";

/// What one row is built with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    pub variant: VariantName,
    pub platform: Platform,
    pub suffix: TagSuffix,
    pub line: usize,
}

/// A variant that the table lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
struct New {
    build_type: BuildType,
    python: BuildType,
    cuda: Option<Cuda>,
    gpu_targets: Vec<String>,
    images: BTreeMap<Arch, (String, Ubuntu)>,
}

/// Variants as they are found for one row after the other.
pub(super) struct Ways<'a> {
    known: &'a Manifests,
    new: BTreeMap<VariantName, New>,
    /// What is said of rows beyond their variant, and how many say it.
    pub apart: BTreeMap<String, usize>,
}

/// What a row says of its builder.
struct Wanted<'a> {
    build_type: BuildType,
    cuda: Option<Cuda>,
    arch: Arch,
    image: &'a str,
    ubuntu: Ubuntu,
    base: Option<&'a str>,
    language: Option<Language>,
}

impl<'a> Ways<'a> {
    pub fn new(known: &'a Manifests) -> Self {
        Self { known, new: BTreeMap::new(), apart: BTreeMap::new() }
    }

    /// How the units of a row are built, one for each of its platforms.
    pub fn of(&mut self, row: &Row, language: Option<Language>) -> Result<Vec<Way>, String> {
        let suffix: TagSuffix = field(row, "tag-suffix").parse().map_err(|error| format!("{error}"))?;
        let one = |variant, platform| Way { variant, platform, suffix: suffix.clone(), line: row.line };
        let platforms: Vec<Platform> = match row.list {
            List::Darwin => vec![Platform { os: Os::Darwin, arch: Arch::Arm64 }],
            List::Linux => {
                let each = field(row, "platforms").split(',').map(|text| text.trim().parse());
                each.collect::<Result<_, _>>().map_err(|error| format!("`platforms`: {error}"))?
            }
        };
        platforms
            .into_iter()
            .map(|platform| Ok(one(self.variant(row, platform, language)?, platform)))
            .collect()
    }

    fn variant(
        &mut self,
        row: &Row,
        platform: Platform,
        language: Option<Language>,
    ) -> Result<VariantName, String> {
        let build_type = match field(row, "build-type") {
            "" if row.list == List::Darwin => BuildType::Metal,
            "" => BuildType::Cpu,
            text => text.parse().map_err(|error| format!("`build-type`: {error}"))?,
        };
        if row.list == List::Darwin {
            let fits = |variant: &&Variant| {
                variant.platforms.contains(&platform)
                    && [variant.build_type, variant.python_build_type].contains(&build_type)
            };
            let found = self.known.variants.values().find(fits);
            return found
                .map(|variant| variant.name.clone())
                .ok_or_else(|| format!("no variant for {build_type} on {platform}"));
        }
        let (major, minor) = (field(row, "cuda-major-version"), field(row, "cuda-minor-version"));
        let cuda = (!major.is_empty()).then(|| format!("{major}.{minor}").parse()).transpose();
        let ubuntu = field(row, "ubuntu-version");
        let ubuntu = UBUNTU.into_iter().find(|(digits, _)| *digits == ubuntu).map(|(_, release)| release);
        let wanted = Wanted {
            build_type,
            cuda: cuda.map_err(|error| format!("`cuda-minor-version`: {error}"))?,
            arch: platform.arch,
            image: field(row, "base-image"),
            ubuntu: ubuntu.ok_or("`ubuntu-version` is neither 2204 nor 2404")?,
            base: row
                .get("builder-base-image")
                .and_then(|image| image.split_once(BASE))
                .map(|(_, name)| name),
            language,
        };
        let known = self.known.variants.values().find(|variant| fits(variant, platform, &wanted));
        self.compare(row, known, &wanted);
        Ok(match known {
            Some(variant) => variant.name.clone(),
            None => self.add(&wanted)?,
        })
    }

    /// Remembers what a row says otherwise than its variant, and what no variant says.
    fn compare(&mut self, row: &Row, variant: Option<&Variant>, wanted: &Wanted<'_>) {
        let mut say = |text: String| *self.apart.entry(text).or_default() += 1;
        if let Some((base, variant)) =
            variant.and_then(|one| Some((one.base(wanted.arch, wanted.language)?.0, one)))
        {
            if base.image != wanted.image {
                say(format!(
                    "`{}`: base image {} becomes {}, as its base is made",
                    variant.name, wanted.image, base.image
                ));
            }
            let drivers = field(row, "skip-drivers") == "true";
            if drivers != base.skip_drivers && wanted.build_type != BuildType::Cpu {
                say(format!("`{}`: skip-drivers {drivers} becomes {}", variant.name, base.skip_drivers));
            }
        }
        let runner = field(row, "runs-on");
        if !["ubuntu-latest", "ubuntu-24.04-arm"].contains(&runner) {
            say(format!("runs-on {runner} has no place: runners follow from platforms"));
        }
    }

    fn add(&mut self, wanted: &Wanted<'_>) -> Result<VariantName, String> {
        let Wanted { build_type, cuda, arch, image, ubuntu, .. } = *wanted;
        let (name, python) = match build_type {
            BuildType::Cublas | BuildType::L4t => {
                let what = if arch == Arch::Arm64 { "l4t-cuda" } else { "cuda" };
                let python = if arch == Arch::Arm64 { BuildType::L4t } else { build_type };
                (cuda.map_or(what.to_owned(), |cuda| format!("{what}-{}", cuda.major)), python)
            }
            BuildType::Hipblas => ("rocm".to_owned(), build_type),
            other => (other.as_str().replace('_', "-"), other),
        };
        let build_type = if build_type == BuildType::L4t { BuildType::Cublas } else { build_type };
        let like = self.known.variants.values().find(|known| known.build_type == build_type);
        let gpu_targets = like.map(|known| known.gpu_targets.clone()).unwrap_or_default();
        let cuda_text = cuda.map(|cuda| cuda.to_string()).unwrap_or_default();
        let slug = image.rsplit('/').next().unwrap_or(image).replace(':', "-");
        // A minor version says more than an image that many have.
        let name = match like.filter(|_| !cuda_text.is_empty()).and_then(|known| known.bases.get(&arch)) {
            Some(base) if base.image == image => format!(
                "{}-{}",
                name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-'),
                cuda_text
            ),
            _ => format!("{name}-{slug}"),
        };
        let name: VariantName = name.parse().map_err(|error| format!("{error}"))?;
        let new = New { build_type, python, cuda, gpu_targets, images: BTreeMap::new() };
        let row = self.new.entry(name.clone()).or_insert(new);
        row.images.insert(arch, (image.to_owned(), ubuntu));
        Ok(name)
    }

    /// What the rule calls the image of a unit.
    pub fn rule(&self, way: &Way, python: bool, backend: &BackendName) -> TagSuffix {
        let (build_type, cuda) = self.device(way, python);
        TagSuffix::by_rule(build_type, cuda, way.platform, backend)
    }

    /// What Python backends are built for.
    pub fn profile(&self, way: &Way) -> Profile {
        let (build_type, cuda) = self.device(way, true);
        let (arch, known) = (way.platform.arch, self.known.variants.get(&way.variant));
        let known = known.and_then(|known| known.base(arch, Some(Language::Python)));
        let new = self.new.get(&way.variant).and_then(|new| new.images.get(&arch));
        let distro = known.map(|(base, _)| base.distro).or(new.map(|(_, ubuntu)| Distro::from(*ubuntu)));
        Profile { build_type, cuda, distro: distro.filter(|_| way.platform.os == Os::Linux) }
    }

    /// What a Makefile is called for.
    pub fn called(&self, way: &Way) -> Called {
        let (build_type, cuda) = self.device(way, false);
        Called { variant: way.variant.clone(), platform: way.platform, build_type, cuda }
    }

    fn device(&self, way: &Way, python: bool) -> (BuildType, Option<Cuda>) {
        match (self.known.variants.get(&way.variant), self.new.get(&way.variant)) {
            (Some(known), _) => (if python { known.python_build_type } else { known.build_type }, known.cuda),
            (None, Some(new)) => (if python { new.python } else { new.build_type }, new.cuda),
            (None, None) => (BuildType::Cpu, None),
        }
    }

    /// The new rows of the table, as YAML.
    pub fn rows(&self) -> Vec<(String, Node)> {
        let each = self.new.iter().map(|(name, new)| {
            let mut row = vec![("build-type".to_owned(), Node::text(new.build_type.as_str()))];
            if new.python != new.build_type {
                row.push(("python-build-type".to_owned(), Node::text(new.python.as_str())));
            }
            row.extend(new.cuda.map(|cuda| ("cuda".to_owned(), Node::Quoted(cuda.to_string()))));
            if !new.gpu_targets.is_empty() {
                row.push(("gpu-targets".to_owned(), Node::texts(new.gpu_targets.clone())));
            }
            let platforms = new.images.keys().map(|arch| format!("linux/{arch}"));
            row.push(("platforms".to_owned(), Node::texts(platforms)));
            let images = new.images.iter().map(|(arch, (image, ubuntu))| {
                let image = [
                    ("image", Node::Quoted(image.clone())),
                    ("ubuntu", Node::Quoted(ubuntu.as_str().to_owned())),
                ];
                (arch.as_str(), Node::map(image))
            });
            row.push(("images".to_owned(), Node::map(images)));
            (name.to_string(), Node::Map(row))
        });
        each.collect()
    }
}

fn field<'r>(row: &'r Row, name: &str) -> &'r str {
    row.get(name).unwrap_or_default()
}

/// Whether the builders of a variant are what a row asks for.
fn fits(variant: &Variant, platform: Platform, wanted: &Wanted<'_>) -> bool {
    let Some((base, prebuilt)) = variant.base(platform.arch, wanted.language) else { return false };
    let prebuilt = prebuilt.map(BaseName::as_str);
    [variant.build_type, variant.python_build_type].contains(&wanted.build_type)
        && variant.platforms.contains(&platform)
        && match wanted.base {
            Some(name) => prebuilt == Some(name),
            None => base.image == wanted.image && base.cuda == wanted.cuda,
        }
}
