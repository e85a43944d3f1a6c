//! The table of this repository against the reference's ten rows, and the choices made of it.

use super::*;
use crate::made::Made;
use crate::recipe::builder_image;
use crate::testing::with_backends;
use model::manifest::Manifests;
use model::platform::Arch;
use model::script::Language;

fn manifests() -> Manifests {
    with_backends(&[
        (
            "backend/cpp/llama-cpp/backend.yaml",
            include_str!("../../../../../backend/cpp/llama-cpp/backend.yaml"),
        ),
        (
            "backend/go/local-store/backend.yaml",
            include_str!("../../../../../backend/go/local-store/backend.yaml"),
        ),
    ])
}

fn all(manifests: &Manifests) -> Vec<(&PrebuiltBase, Made<'_>)> {
    manifests.bases.values().map(|row| (row, Made::base(row, manifests).unwrap())).collect()
}

/// Tag, image, build type, CUDA, distribution, skip-drivers and who starts from it.
#[test]
fn the_ten_rows_are_the_reference_s() {
    let manifests = manifests();
    let told: Vec<String> = manifests
        .bases
        .values()
        .map(|row| {
            let base = &row.base;
            let cuda = base.cuda.map(|cuda| cuda.to_string()).unwrap_or_default();
            let (build_type, distro) = (base.toolkit.reference_name(), base.distro.as_str());
            let (tag, image, skip) = (row.tag(), &base.image, base.skip_drivers);
            let consumers = Consumers::of(&row.name, manifests.backends.values(), &manifests.variants);
            format!("{tag}|{image}|{build_type}|{cuda}|{distro}|{skip}|{consumers}")
        })
        .collect();
    let oneapi = "intel/oneapi-basekit:2025.3.2-0-devel-ubuntu24.04";
    assert_eq!(
        told,
        [
            "base-grpc-amd64|ubuntu:24.04|||Ubuntu 24.04|false|llama-cpp (cpu)",
            "base-grpc-arm64|ubuntu:24.04|||Ubuntu 24.04|false|llama-cpp (cpu)",
            "base-grpc-cuda-12-amd64|ubuntu:24.04|cublas|12.8|Ubuntu 24.04|false|llama-cpp (cuda-12)",
            "base-grpc-cuda-13-amd64|ubuntu:22.04|cublas|13.0|Ubuntu 22.04|false|llama-cpp (cuda-13)",
            "base-grpc-cuda-13-arm64|ubuntu:24.04|cublas|13.0|Ubuntu 24.04|false|llama-cpp (l4t-cuda-13)",
            &format!(
                "base-grpc-intel-amd64|{oneapi}|sycl||Ubuntu 24.04|false|llama-cpp (sycl-f16, sycl-f32)"
            ),
            "base-grpc-l4t-cuda-12-arm64|nvcr.io/nvidia/l4t-jetpack:r36.4.0|l4t|12.0|Ubuntu 22.04|true|llama-cpp (l4t-cuda-12)",
            "base-grpc-rocm-amd64|rocm/dev-ubuntu-24.04:7.2.1|hipblas||Ubuntu 24.04|false|llama-cpp (rocm)",
            "base-grpc-vulkan-amd64|ubuntu:24.04|vulkan||Ubuntu 24.04|false|llama-cpp (vulkan)",
            "base-grpc-vulkan-arm64|ubuntu:24.04|vulkan||Ubuntu 24.04|false|llama-cpp (vulkan)",
        ]
    );
}

/// The same script on the same image, whichever side asks: a unit that finds no base makes exactly it.
#[test]
fn a_unit_and_its_base_agree_on_every_row() {
    let manifests = manifests();
    let backend = &manifests.backends["llama-cpp"];
    let mut compared = 0;
    for (row, made) in all(&manifests) {
        for used in &backend.variants {
            let variant = &manifests.variants[&used.variant];
            for platform in used.platforms.iter().filter(|platform| **platform == row.platform) {
                let unit = builder_image(&manifests, backend, variant, *platform).unwrap();
                if unit.prebuilt.as_ref() == Some(&row.name) {
                    let (unit, base) = (&unit, &made.image);
                    assert_eq!(unit.install_sh(), base.install_sh(), "{} {}", row.name, used.variant);
                    assert_eq!(unit.key(), made.key, "{} {}", row.name, used.variant);
                    compared += 1;
                }
            }
        }
    }
    assert_eq!(compared, 11, "every base has a unit, and the SYCL one has two");
}

#[test]
fn no_two_rows_share_a_key() {
    let keys: std::collections::BTreeSet<_> =
        all(&manifests()).into_iter().map(|(_, made)| made.key).collect();
    assert_eq!(keys.len(), 10);
}

#[test]
fn bases_are_named_or_found_by_backend() {
    let manifests = manifests();
    let words = |words: &[&str]| -> Vec<String> { words.iter().map(|word| (*word).to_owned()).collect() };
    let named = |list: &[&str]| {
        let found = select(&manifests.bases, &words(list));
        found.map(|bases| bases.iter().map(|base| base.name.to_string()).collect::<Vec<_>>())
    };
    let rocm = named(&["base-grpc-rocm-amd64", "amd64", "rocm-amd64"]).unwrap();
    assert_eq!(rocm, ["rocm-amd64", "amd64"]);
    let error = named(&["cuda-12-adm64"]).unwrap_err().to_string();
    assert!(error.contains("did you mean `cuda-12-amd64`") && error.contains("--list"), "{error}");
    let of = |name: &str| of_backend(&manifests.backends[name], &manifests.variants);
    assert_eq!(of("llama-cpp").len(), 10);
    assert!(of("llama-cpp").contains("l4t-cuda-12-arm64"));
    assert!(of("local-store").is_empty(), "Go starts from the bare image");
}

/// Python and Go keep the distribution that their rows name; C++ starts from the base that has gRPC.
#[test]
fn a_language_may_start_from_an_image_of_its_own() {
    let manifests = manifests();
    let start = |variant: &str, language: Language| {
        let variant = &manifests.variants[variant];
        let (base, prebuilt) = variant.base(Arch::Amd64, Some(language)).unwrap();
        format!("{} {}", base.image, prebuilt.map_or("-", |name| name.as_str()))
    };
    assert_eq!(start("cuda-13", Language::Cpp), "ubuntu:22.04 cuda-13-amd64");
    assert_eq!(start("cuda-13", Language::Go), "ubuntu:24.04 -");
    assert_eq!(
        start("sycl-f16", Language::Cpp),
        "intel/oneapi-basekit:2025.3.2-0-devel-ubuntu24.04 intel-amd64"
    );
    assert_eq!(start("sycl-f16", Language::Rust), "intel/oneapi-basekit:2025.3.0-0-devel-ubuntu24.04 -");
    assert_eq!(start("cuda-13-devel", Language::Cpp), start("cuda-13-devel", Language::Python));
}
