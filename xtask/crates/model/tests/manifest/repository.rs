//! The manifests of this repository, and the schemas generated from their types.

use camino::{Utf8Path, Utf8PathBuf};
use model::build_type::BuildType;
use model::manifest::{self, Files, Manifests};
use model::platform::Arch;
use model::variant::Variant;
use std::fs;

fn root() -> &'static Utf8Path {
    Utf8Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."))
}

fn files() -> Files {
    let mut files = Files::new();
    let mut add = |path: Utf8PathBuf| {
        let text = fs::read_to_string(root().join(&path)).unwrap();
        files.insert(path, text);
    };
    add(manifest::VARIANTS.into());
    add(manifest::SOURCES.into());
    for lang in root().join("backend").read_dir_utf8().unwrap() {
        let lang = lang.unwrap();
        if !lang.file_type().unwrap().is_dir() {
            continue;
        }
        for backend in lang.path().read_dir_utf8().unwrap() {
            let path = backend.unwrap().path().join(manifest::BACKEND);
            if path.exists() {
                add(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    files
}

fn load() -> Manifests {
    manifest::load(&files()).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

#[test]
fn they_are_sound() {
    let manifests = load();
    assert!(manifests.backends.len() >= 3);
}

#[test]
fn schemas_in_the_repository_are_those_of_the_types() {
    for (path, text) in manifest::schema::all() {
        let found = fs::read_to_string(root().join(&path)).unwrap_or_default();
        assert!(found == text, "{path} is not what the types say: run `cargo xtask generate`");
    }
}

#[test]
fn the_ten_bases_are_those_of_the_reference() {
    let manifests = load();
    let rows: Vec<String> = manifests
        .bases
        .values()
        .map(|row| {
            let base = &row.base;
            let cuda = base.cuda.map_or(String::new(), |cuda| cuda.to_string());
            let (toolkit, ubuntu) = (base.toolkit.reference_name(), base.distro.digits());
            format!(
                "{} {} {} '{toolkit}' {cuda} {ubuntu} {}",
                row.tag(),
                row.runner,
                base.image,
                base.skip_drivers
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            "base-grpc-amd64 ubuntu-latest ubuntu:24.04 ''  2404 false",
            "base-grpc-arm64 ubuntu-24.04-arm ubuntu:24.04 ''  2404 false",
            "base-grpc-cuda-12-amd64 ubuntu-latest ubuntu:24.04 'cublas' 12.8 2404 false",
            "base-grpc-cuda-13-amd64 ubuntu-latest ubuntu:22.04 'cublas' 13.0 2204 false",
            "base-grpc-cuda-13-arm64 ubuntu-24.04-arm ubuntu:24.04 'cublas' 13.0 2404 false",
            "base-grpc-intel-amd64 ubuntu-latest intel/oneapi-basekit:2025.3.2-0-devel-ubuntu24.04 'sycl'  2404 false",
            "base-grpc-l4t-cuda-12-arm64 ubuntu-24.04-arm nvcr.io/nvidia/l4t-jetpack:r36.4.0 'l4t' 12.0 2204 true",
            "base-grpc-rocm-amd64 ubuntu-latest rocm/dev-ubuntu-24.04:7.2.1 'hipblas'  2404 false",
            "base-grpc-vulkan-amd64 ubuntu-latest ubuntu:24.04 'vulkan'  2404 false",
            "base-grpc-vulkan-arm64 ubuntu-24.04-arm ubuntu:24.04 'vulkan'  2404 false",
        ]
    );
}

#[test]
fn every_build_type_and_base_image_of_the_reference_has_a_row() {
    let manifests = load();
    for build_type in BuildType::ALL {
        let has = |v: &Variant| v.build_type == build_type || v.python_build_type == build_type;
        assert!(manifests.variants.values().any(has), "{build_type}");
    }
    for image in [
        "ubuntu:24.04",
        "intel/oneapi-basekit:2025.3.0-0-devel-ubuntu24.04",
        "intel/oneapi-basekit:2025.3.2-0-devel-ubuntu24.04",
        "nvcr.io/nvidia/l4t-jetpack:r36.4.0",
        "rocm/dev-ubuntu-24.04:7.2.1",
        "rocm/dev-ubuntu-24.04:6.4.4",
        "nvidia/cuda:13.0.0-devel-ubuntu24.04",
        "nvidia/cuda:12.8.1-devel-ubuntu24.04",
    ] {
        let mut bases = manifests.variants.values().flat_map(|variant| variant.bases.values());
        assert!(bases.any(|base| base.image == image), "{image}");
    }
}

#[test]
fn consumers_find_their_bases() {
    let manifests = load();
    let prebuilt =
        |variant: &str, arch: Arch| manifests.variants[variant].prebuilt.get(&arch).map(ToString::to_string);
    for (variant, arch, base) in [
        ("cpu", Arch::Amd64, Some("amd64")),
        ("cpu", Arch::Arm64, Some("arm64")),
        ("cuda-12", Arch::Amd64, Some("cuda-12-amd64")),
        ("cuda-13", Arch::Amd64, Some("cuda-13-amd64")),
        ("l4t-cuda-13", Arch::Arm64, Some("cuda-13-arm64")),
        ("l4t-cuda-12", Arch::Arm64, Some("l4t-cuda-12-arm64")),
        ("rocm", Arch::Amd64, Some("rocm-amd64")),
        ("vulkan", Arch::Amd64, Some("vulkan-amd64")),
        ("vulkan", Arch::Arm64, Some("vulkan-arm64")),
        ("sycl-f16", Arch::Amd64, Some("intel-amd64")),
        ("sycl-f32", Arch::Amd64, Some("intel-amd64")),
        ("rocm-6", Arch::Amd64, None),
        ("intel", Arch::Amd64, None),
    ] {
        assert_eq!(prebuilt(variant, arch).as_deref(), base, "{variant} {arch}");
    }
    assert_eq!(manifests.consumers.len(), 10);
    assert_eq!(manifests.refresh.strftime(), Some("%G-W%V"));
}
