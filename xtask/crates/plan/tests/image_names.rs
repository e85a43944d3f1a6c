//! Names against the reference's own, and every name there and back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{platform, world};
use model::backend::{Backend, Recipe, VariantUse};
use model::build_type::BuildType;
use model::image_names::{CacheTag, CompilerCacheTag, Image, PlatformTag, TagSuffix, groups};
use model::name::BackendName;
use model::oci::Tag;
use model::platform::Arch;
use model::python::{Python, Requirements};
use model::variant::{Cuda, Variant};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const REFERENCE: &str = include_str!("data/suffixes.txt");

struct Row {
    backend: &'static str,
    recipe: &'static str,
    variant: Variant,
    platform: &'static str,
    platform_tag: PlatformTag,
    suffix: &'static str,
}

fn rows() -> Vec<Row> {
    let row = |line: &'static str| {
        let [backend, recipe, build_type, cuda, platform, tag, suffix] =
            line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let build_type = BuildType::ALL.into_iter().find(|known| known.as_str() == build_type).unwrap();
        let name = format!("{build_type}-{cuda}").replace(['-', '_'], "");
        let variant = Variant {
            name: name.parse().unwrap(),
            build_type,
            python_build_type: build_type,
            cuda: cuda.parse().ok().map(|major| Cuda { major, minor: 0 }),
            ..world().variants["cpu"].clone()
        };
        let arch = Arch::ALL.into_iter().find(|arch| arch.as_str() == tag);
        let platform_tag = arch.map_or(PlatformTag::SINGLE, PlatformTag::of);
        Row { backend, recipe, variant, platform, platform_tag, suffix }
    };
    REFERENCE.lines().filter(|line| !line.starts_with('#')).map(row).collect()
}

fn backend(name: &str, recipe: &str) -> Backend {
    let world = world();
    let python = Recipe::Python(Python {
        entry: "server.py".parse().unwrap(),
        packages: Vec::new(),
        post_install: Vec::new(),
        common: Requirements { files: vec!["requirements.txt".parse().unwrap()], ..Requirements::default() },
        by_variant: BTreeMap::new(),
    });
    Backend {
        name: name.parse().unwrap(),
        recipe: match recipe {
            "python" => python,
            "go" => world.backends["local-store"].recipe.clone(),
            _ => world.backends["llama-cpp"].recipe.clone(),
        },
        variants: Vec::new(),
        ..world.backends["llama-cpp"].clone()
    }
}

#[test]
fn images_are_called_what_the_reference_calls_them() {
    let rows = rows();
    let names: BTreeSet<(&str, &str)> = rows.iter().map(|row| (row.backend, row.recipe)).collect();
    assert_eq!(names.len(), 5);
    for (name, recipe) in names {
        let mut backend = backend(name, recipe);
        let mut variants = BTreeMap::new();
        for row in rows.iter().filter(|row| row.backend == name) {
            variants.insert(row.variant.name.clone(), row.variant.clone());
            backend.variants.push(VariantUse {
                variant: row.variant.name.clone(),
                platforms: vec![platform(row.platform)],
            });
            // Two that follow no rule, as their manifests would say.
            if matches!(row.suffix, "-piper" | "-nvidia-l4t-arm64-rfdetr") {
                backend.tag_suffixes.insert(row.variant.name.clone(), row.suffix.parse().unwrap());
            }
        }
        let groups = groups(&backend, &variants).unwrap();
        let expected = rows.iter().filter(|row| row.backend == name);
        let suffixes: BTreeSet<&str> = expected.clone().map(|row| row.suffix).collect();
        assert_eq!(groups.iter().map(|group| group.suffix.as_str()).collect::<BTreeSet<_>>(), suffixes);
        for row in expected {
            let group = groups.iter().find(|group| group.suffix.as_str() == row.suffix).unwrap();
            let unit = group.units().find(|unit| unit.platform == platform(row.platform)).unwrap();
            assert_eq!(unit.variant, row.variant.name, "{}", row.suffix);
            assert_eq!(group.platform_tag(unit.platform), row.platform_tag, "{}", row.suffix);
        }
    }
}

#[test]
fn two_variants_under_one_name_are_refused() {
    let world = world();
    let mut backend = world.backends["local-store"].clone();
    for variant in ["cpu", "vulkan"] {
        backend.tag_suffixes.insert(variant.parse().unwrap(), "-same".parse().unwrap());
    }
    let error = groups(&backend, &world.variants).unwrap_err();
    assert_eq!((error.first.as_str(), error.second.as_str()), ("cpu", "vulkan"));
    assert!(error.to_string().contains("`-same` for linux/amd64"), "{error}");
}

#[test]
fn tags_of_a_cache_repository() {
    let backend = Image::Backend("-cpu-llama-cpp".parse().unwrap());
    let root = Image::Root(Some("-gpu-vulkan".parse().unwrap()));
    let core = Image::Root(None);
    let amd64 = PlatformTag::of(Arch::Amd64);
    let key = "0123456789abcdef".repeat(4);
    let compiler = |build_type, cuda: Option<u8>| {
        let cuda = cuda.map(|major| Cuda { major, minor: 8 });
        let variant = Variant { build_type, cuda, ..world().variants["cpu"].clone() };
        CompilerCacheTag::of(&"llama-cpp".parse().unwrap(), Arch::Amd64, &variant).tag().to_string()
    };
    let table = [
        (backend.layers(amd64).to_string(), "cache-cpu-llama-cpp-amd64"),
        (backend.layers(PlatformTag::SINGLE).to_string(), "cache-cpu-llama-cpp-"),
        (root.layers(PlatformTag::of(Arch::Arm64)).to_string(), "cache-localai-gpu-vulkan-arm64"),
        (core.layers(amd64).to_string(), "cache-localai-core-amd64"),
        (
            CacheTag::BaseLayers("cuda-12-amd64".parse().unwrap()).tag().to_string(),
            "cache-base-grpc-cuda-12-amd64",
        ),
        (CacheTag::Base("amd64".parse().unwrap()).tag().to_string(), "base-grpc-amd64"),
        (CacheTag::BaseKey(key.parse().unwrap()).tag().to_string(), &format!("base-{key}")),
        (CacheTag::Image(key.parse().unwrap()).tag().to_string(), &format!("img-{key}")),
        (compiler(BuildType::Cpu, None), "ccache-llama-cpp-amd64-cpu"),
        (compiler(BuildType::Cublas, Some(12)), "ccache-llama-cpp-amd64-cublas-12"),
        (compiler(BuildType::Cublas, Some(13)), "ccache-llama-cpp-amd64-cublas-13"),
        (compiler(BuildType::SyclF16, None), "ccache-llama-cpp-amd64-sycl_f16"),
        (core.keepalive(7, amd64).to_string(), "keepalive-7-core-amd64"),
        (backend.keepalive(7, PlatformTag::SINGLE).to_string(), "keepalive-7-cpu-llama-cpp-single"),
        (backend.artifact(amd64).to_string(), "digests-cpu-llama-cpp--amd64"),
        (backend.artifact(PlatformTag::SINGLE).to_string(), "digests-cpu-llama-cpp--single"),
        (root.artifact(amd64).to_string(), "digests-localai-gpu-vulkan--amd64"),
        (core.artifact(amd64).to_string(), "digests-localai-core--amd64"),
        (core.artifacts(), "digests-localai-core--*"),
        (backend.artifacts(), "digests-cpu-llama-cpp--*"),
    ];
    for (made, expected) in table {
        assert_eq!(made, expected);
    }
}

#[test]
fn the_pattern_of_one_image_matches_no_artifact_of_another() {
    let mut images: Vec<Image> =
        rows().iter().map(|row| Image::Backend(row.suffix.parse().unwrap())).collect();
    for suffix in ["-gpu-nvidia-cuda-12-vllm", "-gpu-nvidia-cuda-12-vllm-omni"] {
        images.push(Image::Backend(suffix.parse().unwrap()));
    }
    for suffix in ["-nvidia-l4t-arm64", "-nvidia-l4t-arm64-cuda-13", "-gpu-vulkan"] {
        images.push(Image::Root(Some(suffix.parse().unwrap())));
    }
    images.push(Image::Root(None));
    for of in &images {
        let pattern = of.artifacts();
        let stem = pattern.strip_suffix('*').unwrap();
        for other in &images {
            let artifact = other.artifact(PlatformTag::of(Arch::Arm64));
            assert_eq!(artifact.as_str().starts_with(stem), of == other, "{pattern} {artifact}");
        }
    }
}

#[test]
fn what_others_wrote_has_no_kind() {
    let key = "0123456789abcdef".repeat(4);
    for text in [
        "latest",
        "cache",
        "cache-",
        "cache--amd64",
        "cachet-cpu-x-amd64",
        "cache-cpu-x-riscv64",
        "base-grpc-",
        "base-0123",
        &format!("img-{}", key.to_uppercase()),
        "ccache-llama-cpp-amd64",
        "ccache-llama-cpp-amd64-cublas-012",
        "ccache-amd64-cpu",
        "keepalive-x-core-single",
        "keepalive-007-core-single",
        "keepalive-7-core-",
        "keepalive-7-core",
    ] {
        assert_eq!(CacheTag::parse(&text.parse().unwrap()), None, "{text}");
    }
}

fn suffix() -> impl Strategy<Value = TagSuffix> {
    "-[a-z0-9]([a-z0-9_.]|-[a-z0-9]){0,45}"
        .prop_filter_map("no suffix", |text| text.get(..text.len().min(91))?.parse().ok())
}

fn platform_tag() -> impl Strategy<Value = PlatformTag> {
    prop_oneof![Just(PlatformTag::SINGLE), prop::sample::select(&Arch::ALL).prop_map(PlatformTag::of)]
}

fn cache_tag() -> impl Strategy<Value = CacheTag> {
    let name =
        || "[a-z0-9]([a-z0-9_.]|-[a-z0-9]){0,30}[a-z0-9]".prop_filter("two dots", |t| !t.contains(".."));
    let image =
        prop_oneof![suffix().prop_map(Image::Backend), prop::option::of(suffix()).prop_map(Image::Root),];
    let compiler = (
        name(),
        prop::sample::select(&Arch::ALL),
        prop::sample::select(&BuildType::ALL),
        any::<Option<u8>>(),
    );
    prop_oneof![
        (image, platform_tag()).prop_map(|(image, platform)| CacheTag::Layers { image, platform }),
        name().prop_map(|name| CacheTag::BaseLayers(name.parse().unwrap())),
        name().prop_map(|name| CacheTag::Base(name.parse().unwrap())),
        "[0-9a-f]{64}".prop_map(|text| CacheTag::BaseKey(text.parse().unwrap())),
        "[0-9a-f]{64}".prop_map(|text| CacheTag::Image(text.parse().unwrap())),
        "[0-9a-f]{64}".prop_map(|text| CacheTag::Used(text.parse().unwrap())),
        "[0-9a-f]{64}".prop_map(|text| CacheTag::Lock(text.parse().unwrap())),
        compiler.prop_map(|(name, arch, build_type, cuda)| {
            let cuda = cuda.map(|major| Cuda { major, minor: 0 });
            let variant = Variant { build_type, cuda, ..world().variants["cpu"].clone() };
            CacheTag::CompilerCache(CompilerCacheTag::of(
                &name.parse::<BackendName>().unwrap(),
                arch,
                &variant,
            ))
        }),
        (any::<u64>(), prop::option::of(suffix()), platform_tag())
            .prop_map(|(run, suffix, platform)| CacheTag::Keepalive { run, suffix, platform }),
    ]
}

proptest! {
    #[test]
    fn every_name_is_a_tag_and_tells_what_it_is(cache_tag in cache_tag()) {
        let tag = cache_tag.tag();
        prop_assert_eq!(tag.as_str().parse::<Tag>().unwrap(), tag.clone());
        prop_assert_eq!(CacheTag::parse(&tag), Some(cache_tag));
    }

    #[test]
    fn any_tag_is_read_or_refused(text in "[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}") {
        let tag: Tag = text.parse().unwrap();
        if let Some(kind) = CacheTag::parse(&tag) {
            prop_assert_eq!(kind.tag(), tag);
        }
    }
}
