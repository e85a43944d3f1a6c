//! A root image on the distribution that tests have: built, found again, and started with a backend in it.

use crate::checkout::{Checkout, copy_tree, repository};
use crate::child::{self, LONG, Run, SHORT};
use crate::testbed::{Builder, Registry};
use std::fmt::Write as _;

/// Rows that a machine without Ubuntu can build.
const ROWS: &str = r#"# yaml-language-server: $schema=../docs/schemas/variants.schema.json
registry:
  cache: REGISTRY/cache
  backends: [REGISTRY/backends]
  root: [REGISTRY/root]
  pull-requests: REGISTRY/pull-requests
refresh: iso-week
defaults: { linux/amd64: cpu, linux/arm64: cpu, darwin/arm64: cpu, darwin/amd64: cpu }
bases:
  amd64: { platform: linux/amd64, runner: none, image: "debian:bookworm-slim", toolkit: cpu, distro: debian-12, grpc: system }
  arm64: { platform: linux/arm64, runner: none, image: "debian:bookworm-slim", toolkit: cpu, distro: debian-12, grpc: system }
consumers:
  - { build-types: [cpu], platform: linux/amd64, base: amd64 }
  - { build-types: [cpu], platform: linux/arm64, base: arm64 }
variants:
  cpu: { build-type: cpu, platforms: [linux/amd64, linux/arm64, darwin/arm64, darwin/amd64], native: true }
root-images:
  core: { platforms: [linux/amd64], image: "debian:bookworm-slim", distro: debian-12, toolkit: cpu }
"#;

/// A checkout with these rows and the Dockerfiles, and a registry for it.
fn checkout(registry: &Registry) -> Checkout {
    let checkout = Checkout::tiny();
    copy_tree(&repository().join("docker"), &checkout.root.join("docker"));
    let rows = ROWS.replace("REGISTRY", registry.address());
    fs_err::write(checkout.root.join("backend/variants.yaml"), rows).unwrap();
    checkout
}

fn run(checkout: &Checkout, builder: &Builder, args: &[&str]) -> Run {
    let mut command = checkout.command(args);
    builder.lend_to(&mut command);
    for name in ["GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_SHA", "GITHUB_REF"] {
        command.env_remove(name);
    }
    child::run(command, LONG)
}

#[test]
fn a_root_image_is_kept_by_its_key_and_starts_what_is_put_into_it() {
    let (registry, builder) = (Registry::start(), Builder::fresh());
    let checkout = checkout(&registry);
    let digests = checkout.root.join("digests");
    let args = ["build-image", "core", "--push", "--digests", digests.as_str()];
    run(&checkout, &builder, &args).expect(0).says("1 built");
    let left = |dir: &camino::Utf8Path| {
        let files: Vec<String> =
            dir.read_dir_utf8().unwrap().map(|file| file.unwrap().file_name().to_owned()).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        files.concat()
    };
    let digest = left(&digests);
    let kept = registry.tags("cache").into_iter().find(|tag| tag.starts_with("img-")).unwrap();
    assert!(registry.tags("cache").contains("cache-localai-core-"), "{:?}", registry.tags("cache"));

    // Another machine has nothing to do but to hand the digest on: the layers, one of them above 8 MiB, are in one of the
    // repositories and copied to the other.
    fs_err::remove_dir_all(&digests).unwrap();
    let (root, elsewhere) = (registry.repository("root"), registry.repository("elsewhere"));
    let again: Vec<&str> =
        args.into_iter().chain(["--publish-to", &root, "--publish-to", &elsewhere]).collect();
    run(&checkout, &Builder::fresh(), &again).expect(0).says("0 built, 1 there already");
    assert_eq!(left(&digests), digest);
    let copied = format!("{elsewhere}@sha256:{digest}");
    builder.docker(&["buildx", "imagetools", "inspect", &copied]).expect(0);

    // A pull request pushes nothing.
    let before = registry.snapshot();
    let mut command = checkout.command(&["build-image", "core", "--push", "--force"]);
    builder.lend_to(&mut command);
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_NAME", "pull_request");
    child::run(command, LONG).expect(0).says("nothing is pushed");
    assert_eq!(registry.snapshot(), before);

    let said = started(&builder, &checkout, &registry.repository(&format!("cache:{kept}")));
    assert!(said.contains("there is no backend"), "{said}");
    assert!(said.contains("started: --addr 127.0.0.1:50977 --more"), "{said}");
    assert!(said.contains("cannot connect"), "{said}");
}

/// What is said by the image with a package that tells its arguments.
fn started(builder: &Builder, checkout: &Checkout, image: &str) -> String {
    let context = checkout.root.join("derived");
    fs_err::create_dir_all(context.join("package")).unwrap();
    let program = context.join("package/run");
    fs_err::write(&program, "#!/bin/sh\necho \"started: $*\"\n").unwrap();
    fs_err::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let dockerfile = format!(
        "FROM {image}\nRUN if /entry; then exit 1; fi\nCOPY package /backends/one\n\
         RUN BACKEND_ADDR=127.0.0.1:50977 /entry --more\n\
         RUN if BACKEND_ADDR=127.0.0.1:50977 /entry health /backend.Backend/Health OK; then exit 1; fi\n"
    );
    fs_err::write(context.join("Dockerfile"), dockerfile).unwrap();
    let args = ["buildx", "build", "--progress=plain", context.as_str()];
    builder.docker(&args).expect(0).err
}

#[test]
fn lists_say_what_the_registry_has_and_what_a_builder_cannot_build() {
    let (registry, builder) = (Registry::start(), Builder::fresh());
    let checkout = checkout(&registry);
    let list = |args: &[&str]| run(&checkout, &builder, args).expect(0).out;
    let found = list(&["base-images", "--list"]);
    assert_eq!(found.matches("lacks it").count(), 2, "{found}");
    let dry = list(&["base-images", "--for", "tiny", "--dry-run"]);
    assert_eq!(dry.matches("would be built: the registry has no base-").count(), 2, "{dry}");
    let other = run(&checkout, &builder, &["base-images", "--variant", "arm64"]);
    other.expect(3).says("cannot build for linux/arm64");
    let found = list(&["base-images", "--list", "--registry", "127.0.0.1:9/cache"]);
    assert_eq!(found.matches("unknown").count(), 2, "{found}");
}

/// A repository with these files, and its commit.
fn repository_of(dir: &camino::Utf8Path, files: &[(&str, &str)]) -> String {
    for (path, text) in files {
        let path = dir.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    let git = |args: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.arg("-C").arg(dir).args(["-c", "user.name=x", "-c", "user.email=x@example.org"]).args(args);
        child::run(command, SHORT).expect(0).out
    };
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "x"]);
    git(&["rev-parse", "HEAD"]).trim().to_owned()
}

/// The builder reaches none of them: this machine fetches them as it fetches every source, and mounts their trees.
#[test]
fn a_base_is_made_of_sources_that_were_fetched_for_it() {
    let (registry, builder) = (Registry::start(), Builder::fresh());
    let checkout = checkout(&registry);
    checkout.edit(
        "backend/variants.yaml",
        "distro: debian-12, grpc: system",
        "distro: debian-12, grpc: source",
    );
    let build = "cmake_minimum_required(VERSION 3.20)\nproject(grpc NONE)\n\
                 foreach(library ABSL BORINGSSL CARES PROTOBUF RE2 ZLIB)\n  \
                 file(STRINGS \"${${library}_ROOT_DIR}/LICENSE\" license)\n  message(STATUS \"${license}\")\n\
                 endforeach()\ninstall(PROGRAMS LICENSE DESTINATION bin RENAME grpc_cpp_plugin)\n";
    let mut rows = String::new();
    for name in [
        "grpc",
        "abseil-cpp",
        "boringssl",
        "c-ares",
        "protobuf",
        "re2",
        "zlib",
        "protoc-amd64",
        "protoc-arm64",
    ] {
        let dir = checkout.root.join("sources").join(name);
        let commit = repository_of(
            &dir,
            &[
                ("LICENSE", name),
                ("CMakeLists.txt", build),
                ("absl/container/CMakeLists.txt", "    test_allocator\n"),
                ("bin/protoc", "#!/bin/sh\necho fetched\n"),
                ("include/x.proto", ""),
            ],
        );
        let _ = write!(
            rows,
            "  {name}:\n    version: \"1\"\n    upstream:\n      git:\n        url: file://{dir}\n        commit: {commit}\n    \
             license: MIT\n    license-files: [LICENSE]\n"
        );
    }
    checkout.edit("backend/sources.yaml", "\nprograms:", &format!("{rows}\nprograms:"));
    let made = ["base-images", "--variant", "amd64", "--push"];
    run(&checkout, &builder, &made).expect(0).says("fetching grpc from upstream git").says("1 built");
    let base = format!("{}:base-grpc-amd64", registry.repository("cache"));
    let context = checkout.root.join("look");
    fs_err::create_dir_all(&context).unwrap();
    let look = format!(
        "FROM {base}\nRUN protoc && cat /opt/grpc/bin/grpc_cpp_plugin && cat /opt/grpc/share/licenses/re2/LICENSE\n"
    );
    fs_err::write(context.join("Dockerfile"), look).unwrap();
    let seen = builder.docker(&["buildx", "build", "--progress=plain", context.as_str()]).expect(0).err;
    for said in ["fetched", "grpc", "re2"] {
        assert!(seen.contains(said), "{said}: {seen}");
    }
    // Another commit is another base; the same ones are there already.
    run(&checkout, &builder, &made).expect(0).says("0 built, 1 there already");
    let text = fs_err::read_to_string(checkout.root.join("backend/sources.yaml")).unwrap();
    let at = text.find("sources/re2\n        commit: ").unwrap() + "sources/re2\n        commit: ".len();
    let moved = format!("{}{}{}", &text[..at], "e".repeat(40), &text[at + 40..]);
    fs_err::write(checkout.root.join("backend/sources.yaml"), moved).unwrap();
    let dry = run(&checkout, &builder, &["base-images", "--variant", "amd64", "--dry-run"]).expect(0).out;
    assert!(dry.contains("would be built"), "{dry}");
}
