//! Floating requirements: what is asked, and what counts as a difference.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{platform, request, world};
use model::backend::{Backend, Recipe};
use model::host::Distro;
use model::python::{IndexStrategy, Prerelease, Python, Requirements};
use plan::floating::{Resolution, difference};
use plan::request::{RealmChoice, Request};
use plan::step::Step;
use proptest::prelude::*;

fn backend(lock: bool) -> Backend {
    let common = Requirements {
        files: vec!["requirements.txt".parse().unwrap(), "more.txt".parse().unwrap()],
        overrides: Some("overrides.txt".parse().unwrap()),
        lock: lock.then(|| "requirements.lock".parse().unwrap()),
        undated: vec!["torch".into()],
        ..Requirements::default()
    };
    let device = Requirements {
        files: vec!["device.txt".parse().unwrap()],
        undated: vec!["*".into()],
        extra_indexes: vec!["https://example.org/simple".parse().unwrap()],
        index_strategy: Some(IndexStrategy::UnsafeBestMatch),
        prerelease: Some(Prerelease::Allow),
        build: true,
        ..Requirements::default()
    };
    let python = Python {
        entry: "server.py".parse().unwrap(),
        packages: Vec::new(),
        post_install: Vec::new(),
        common,
        by_variant: [("vulkan".parse().unwrap(), device)].into(),
    };
    Backend { recipe: Recipe::Python(python), ..world().backends["local-store"].clone() }
}

#[test]
fn the_interpreter_of_the_container_is_described() {
    let variant = |backend: &Backend, variant: &str, on| {
        let variant = variant.parse().unwrap();
        Resolution::of(backend, &variant, Distro::Ubuntu2404, platform(on), Some("2026-W48"))
    };
    let of = |backend: &Backend, on| variant(backend, "cpu", on);
    let args = of(&backend(false), "linux/arm64").unwrap().asked().args.join(" ");
    assert_eq!(
        args,
        "pip compile -q --python-version 3.12.3 --python-platform aarch64-manylinux_2_39 --no-build --no-header \
         --no-annotate --generate-hashes --exclude-newer 2026-11-23T00:00:00Z --exclude-newer-package torch=false \
         --overrides backend/go/local-store/overrides.txt \
         backend/go/local-store/requirements.txt backend/go/local-store/more.txt"
    );
    let device = variant(&backend(true), "vulkan", "linux/amd64").unwrap().asked().args.join(" ");
    assert_eq!(
        device,
        "pip compile -q --python-version 3.12.3 --python-platform x86_64-manylinux_2_39 --no-header --no-annotate \
         --generate-hashes --index https://example.org/simple --index-strategy unsafe-best-match --prerelease allow \
         backend/go/local-store/device.txt"
    );
    assert_eq!(of(&backend(true), "linux/arm64"), None, "a lock does not float");
    assert_eq!(of(&backend(false), "darwin/arm64"), None, "a Mac is not described");
    assert_eq!(of(&world().backends["llama-cpp"], "linux/amd64"), None);
}

#[test]
fn each_variant_installs_what_is_its_own() {
    let mut world = world();
    let mut backend = backend(true);
    let Recipe::Python(python) = &mut backend.recipe else { panic!("another recipe") };
    python.entry = "src/main.py".parse().unwrap();
    python.packages = vec!["backend/python/common".parse().unwrap()];
    // What is built with what is installed is installed a file at a time, and what brings nothing along comes last.
    let device = python.by_variant.get_mut("vulkan").unwrap();
    *device = Requirements {
        files: ["device.txt", "after.txt"].map(|file| file.parse().unwrap()).into(),
        with: vec!["setuptools<70".parse().unwrap()],
        without_dependencies: vec!["voice @ git+https://example.org/voice@v1".parse().unwrap()],
        git: true,
        isolation: false,
        ..device.clone()
    };
    assert!(
        Resolution::of(
            &backend,
            &"vulkan".parse().unwrap(),
            Distro::Ubuntu2404,
            platform("linux/amd64"),
            None
        )
        .is_none()
    );
    let Recipe::Python(python) = &mut backend.recipe else { panic!("another recipe") };
    let patch = ["patch", "-p1", "-i", "${backend}/fix.patch"].map(|word| word.parse().unwrap());
    python.post_install = vec![patch.into(), vec!["python".parse().unwrap(), "fix.py".parse().unwrap()]];
    world.backends.insert(backend.name.clone(), backend);
    world.host.refresh = Some("2026-W48".into());
    let of = |variant: &str| {
        let wanted = Request {
            realm: RealmChoice::Container,
            variant: Some(variant.parse().unwrap()),
            ..request("local-store")
        };
        let plan = world.plan(&wanted).unwrap();
        let fence = |step: &Step| if step.action.is_fenced() { " (fenced)" } else { "" };
        let steps = plan.steps.iter().map(|step| format!("{}: {}{}\n", step.id, step.action, fence(step)));
        format!("{variant}, {:?}\n{}", plan.refresh, steps.collect::<String>())
    };
    insta::assert_snapshot!(["cpu", "vulkan"].map(of).join("\n"));
}

const LOCK: &str = "grpcio==1.85.1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nnumpy==2.4.5 \\\n    --hash=sha256:cc\n";

#[test]
fn layout_is_no_difference() {
    for same in [
        LOCK.to_owned(),
        format!("# made by uv\n{LOCK}\n"),
        "numpy==2.4.5 --hash=sha256:cc  # via x\ngrpcio==1.85.1 \\\n --hash=sha256:bb \\\n --hash=sha256:aa\n".to_owned(),
        LOCK.replace('\n', "\r\n"),
    ] {
        assert_eq!(difference(LOCK, &same), None, "{same}");
    }
}

#[test]
fn what_is_installed_otherwise_is_named() {
    for (after, told) in [
        (LOCK.replace("2.4.5", "2.4.6"), "numpy 2.4.5 → 2.4.6"),
        (LOCK.replace(":cc", ":dd"), "other files of numpy 2.4.5"),
        (format!("{LOCK}ink @ git+https://e.org/ink@aa\n"), "ink git+https://e.org/ink@aa is new"),
        (format!("{LOCK}torch==2.9.0 \\\n    --hash=sha256:ee\n"), "torch 2.9.0 is new"),
        (LOCK.split_at(LOCK.find("numpy").unwrap()).0.to_owned(), "no more numpy"),
        (LOCK.replace("numpy==2.4.5", "numpy==2.4.5 ; python_version < '4'"), "other files of numpy 2.4.5"),
    ] {
        assert_eq!(difference(LOCK, &after).as_deref(), Some(told));
    }
    let many = (0..9).map(|number| format!("p{number}==1\n")).collect::<Vec<_>>().concat();
    assert_eq!(
        difference("", &many).unwrap(),
        "p0 1 is new, p1 1 is new, p2 1 is new, p3 1 is new, p4 1 is new, and 4 more"
    );
}

#[test]
fn locks_of_the_other_kind_are_compared_as_well() {
    let table = |name: &str, version: &str, hash: &str| {
        format!(
            "[[packages]]\nname = \"{name}\"\nversion = \"{version}\"\nwheels = [{{ hash = \"{hash}\" }}]\n\n"
        )
    };
    let before =
        format!("lock-version = \"1.0\"\n\n{}{}", table("six", "1.16", "a"), table("torch", "2.9", "b"));
    assert_eq!(difference(&before, &before.replace("lock-version", "# lock-version")), None);
    let after = format!("{}{}", table("six", "1.17", "a"), table("torch", "2.9", "c"));
    assert_eq!(difference(&before, &after).as_deref(), Some("six 1.16 → 1.17, other files of torch 2.9"));
}

proptest! {
    #[test]
    fn no_text_breaks_it_and_all_equal_themselves(before in "[a-b=#\\\\ \r\n-]{0,40}", after in any::<String>()) {
        prop_assert_eq!(difference(&before, &before), None);
        prop_assert_eq!(difference(&before, &after).is_none(), difference(&after, &before).is_none());
    }
}
