//! Base and root images as they are listed and planned; nothing is built here.

use crate::checkout::Checkout;
use serde_json::Value;

const ROOT: &str = "
root-images:
  core: { platforms: [linux/amd64, linux/arm64], image: \"ubuntu:24.04\", distro: ubuntu-24.04, toolkit: cpu }
  vulkan: { tag-suffix: -gpu-vulkan, platforms: [linux/arm64], image: \"ubuntu:24.04\", distro: ubuntu-24.04, toolkit: vulkan }
";

fn checkout() -> Checkout {
    let checkout = Checkout::new();
    let table = checkout.read("backend/variants.yaml");
    checkout.write("backend/variants.yaml", &format!("{table}{ROOT}"));
    checkout.write("docker/Dockerfile.root", "FROM scratch\n");
    checkout
}

fn json(checkout: &Checkout, args: &[&str]) -> Vec<Value> {
    serde_json::from_str(&checkout.out(args)).unwrap()
}

#[test]
fn bases_are_listed_with_who_starts_from_them() {
    let checkout = checkout();
    let rows = json(&checkout, &["base-images", "--list", "--json", "--offline"]);
    let names: Vec<&str> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["amd64", "arm64", "cuda-12-amd64", "vulkan-amd64", "vulkan-arm64"]);
    assert_eq!(rows[0]["registry"]["unknown"], "--offline");
    assert!(rows[0]["consumers"]["llama-cpp"].is_array(), "{}", rows[0]);
    let table = checkout.out(&["base-images", "--list", "--offline"]);
    assert!(table.lines().count() == 6, "{table}");
    assert!(table.lines().next().unwrap().contains("who starts from it"), "{table}");
}

#[test]
fn a_dry_run_says_what_would_be_built_and_why() {
    let checkout = checkout();
    let said = checkout.out(&["base-images", "--for", "llama-cpp", "--dry-run", "--offline"]);
    assert!(said.contains("base-grpc-amd64: would be built: whether base-"), "{said}");
    let none = checkout.run(&["base-images", "--for", "local-store", "--dry-run", "--offline"]);
    assert!(none.code == 0 && none.out.is_empty() && none.err.contains("bare images"), "{none:?}");
    let typo = checkout.run(&["base-images", "--variant", "vulkan-adm64", "--offline"]);
    assert!(typo.code == 2 && typo.err.contains("did you mean `vulkan-amd64`"), "{typo:?}");
}

#[test]
fn root_images_are_named_by_row_or_suffix() {
    let checkout = checkout();
    let rows = json(&checkout, &["build-image", "--list", "--json", "--offline"]);
    let legs: Vec<(&str, &str)> =
        rows.iter().map(|row| (row["layers"].as_str().unwrap(), row["artifact"].as_str().unwrap())).collect();
    assert_eq!(
        legs,
        [
            ("cache-localai-core-amd64", "digests-localai-core--amd64"),
            ("cache-localai-core-arm64", "digests-localai-core--arm64"),
            ("cache-localai-gpu-vulkan-", "digests-localai-gpu-vulkan--single"),
        ]
    );
    let args = ["build-image", "gpu-vulkan", "--platform", "linux/arm64", "--dry-run", "--offline"];
    assert!(checkout.out(&args).starts_with("root image vulkan for linux/arm64: would be built"));
    let other = checkout.run(&["build-image", "vulkan", "--platform", "linux/amd64", "--offline"]);
    assert!(other.code == 2 && other.err.contains("it is made for linux/arm64"), "{other:?}");
    let typo = checkout.run(&["build-image", "cor", "--offline"]);
    assert!(typo.code == 2 && typo.err.contains("did you mean `core`"), "{typo:?}");
}

#[test]
fn the_key_of_a_root_image_follows_its_dockerfile() {
    let checkout = checkout();
    let key = || json(&checkout, &["build-image", "core", "--list", "--json", "--offline"])[0]["key"].clone();
    let before = key();
    checkout.write("docker/Dockerfile.root", "FROM scratch\nLABEL a=b\n");
    assert_ne!(key(), before);
}

#[test]
fn whatever_changes_a_base_starts_the_run_that_builds_it() {
    let checkout = checkout();
    checkout.write("docker/Dockerfile.base-grpc-builder", "FROM x\n");
    checkout.out(&["workflows"]);
    let keys = || {
        let rows = json(&checkout, &["base-images", "--list", "--json", "--offline"]);
        rows.iter().map(|row| row["key"].clone()).collect::<Vec<_>>()
    };
    for (file, from, to) in [
        ("docker/Dockerfile.base-grpc-builder", "FROM x", "FROM y"),
        ("backend/variants.yaml", "image: ubuntu:24.04", "image: ubuntu:24.10"),
        ("backend/variants.yaml", "toolkit: cpu", "toolkit: vulkan"),
    ] {
        let before = keys();
        checkout.replace(file, from, to);
        assert_ne!(keys(), before, "{file}: {to}");
    }
    // A planner that changes changes keys as well, and no list of files is right for ever.
    let workflow = checkout.read(".github/workflows/base-images.yml");
    let (_, push) = workflow.split_once("\n  push:\n").unwrap();
    let filters: Vec<&str> = push.lines().take_while(|line| line.starts_with("    ")).collect();
    assert_eq!(filters, ["    branches: [master]"]);
}

#[test]
fn what_a_template_says_is_in_the_keys_of_all_that_it_makes() {
    let checkout = checkout();
    let base = "docker/Dockerfile.base-grpc-builder";
    let keys = || {
        let of = |args: &[&str]| {
            json(&checkout, args)
                .iter()
                .map(|row| row["key"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let unit = ["llama-cpp", "--realm", "container", "--variant", "cpu", "--platform", "linux/amd64"];
        let other = ["local-store", "--realm", "container", "--variant", "cpu", "--platform", "linux/amd64"];
        [
            of(&["base-images", "--list", "--json", "--offline"]),
            of(&["build-image", "--list", "--json", "--offline"]),
            vec![checkout.hash(&unit)],
            vec![checkout.hash(&other)],
        ]
    };
    checkout.write(base, "FROM x\nRUN y\n");
    let before = keys();
    checkout.write(base, "# Why.\nFROM x\n\nRUN y\n");
    assert_eq!(keys(), before, "a remark reaches no image");
    checkout.write(base, "FROM x\nENV CFLAGS=-O0\nRUN y\n");
    let after = keys();
    assert!(after[0].iter().all(|key| !before[0].contains(key)), "{after:?}");
    assert_eq!(after[1], before[1], "root images are made by another template");
    assert_ne!(after[2], before[2], "a unit that starts from bases");
    assert_eq!(after[3], before[3], "a unit that does not");
    checkout.write("docker/Dockerfile.root", "FROM scratch\nENV A=b\n");
    assert!(keys()[1].iter().all(|key| !before[1].contains(key)));
}
