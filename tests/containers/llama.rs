//! llama.cpp in containers: both ways to its builder, what the next runner compiles, and what users get.

use crate::checkout::{Checkout, listing, shared_cache, temporary};
use crate::child::{self, LONG, tell};
use crate::client::{MODEL, conformance, verify_alone};
use crate::prepared::{Prepared, image_tag};
use crate::runner::{CACHE, PACKER, Runner};
use crate::testbed::{Builder, Registry};
use std::process::Command;

/// One configuration is enough: the others differ in options alone.
const OPTIONS: [&str; 2] = ["--flavor", "fallback"];

/// What a container's build of llama-cpp leaves there for the next one.
const SEED: &str =
    if cfg!(target_arch = "x86_64") { "ccache-llama-cpp-amd64-cpu" } else { "ccache-llama-cpp-arm64-cpu" };

/// Puts there what compilers of this machine made, of the same distribution: objects know neither where they were compiled
/// nor whether that was in a container.
fn seed_from_native_builds(registry: &Registry) {
    let objects = shared_cache().join("v1/scratch/caches/ccache");
    if !objects.exists() {
        let build = [&["build-backend", "llama-cpp"], &OPTIONS[..]].concat();
        Checkout::copy("native").xtask_for_long(&build).expect(0);
    }
    let (_dir, context) = temporary();
    let mut dump = Command::new(&*PACKER);
    dump.args(["cache-dump", objects.as_str(), context.join("dump").as_str()]);
    child::run(dump, LONG).expect(0);
    fs_err::write(context.join("Dockerfile"), "FROM scratch\nCOPY dump/ /\n").unwrap();
    let image = registry.repository(&format!("{CACHE}:{SEED}"));
    let output = format!("type=image,name={image},push=true,oci-mediatypes=true");
    let push = ["buildx", "build", "--provenance=false", "--output", &output, context.as_str()];
    Builder::fresh().docker(&push).expect(0);
}

/// One test, because each part stands on what the one before left in the registry.
#[test]
fn llama_cpp_is_built_from_source_then_from_a_base_then_again() {
    Prepared::get();
    let registry = Prepared::registry_without_image();
    seed_from_native_builds(&registry);
    let first = Runner::of(&registry, "llama-cpp", &OPTIONS);
    let built = first.build(&["--builder", "fromsource", "--push"]).expect(0).says("built llama-cpp");
    let done = built.line("done: ");
    tell(done);
    assert!(hits(done) >= 95.0, "{done}");
    let package = listing(&first.package());

    // Another machine, from the base made ahead: nothing of the other builder's layers fits, every object does.
    registry.forget(CACHE, &image_tag(&registry));
    let second = first.another(&registry);
    drop(first);
    let built = second.build(&["--builder", "prebuilt"]).expect(0).says("built llama-cpp");
    let done = built.line("done: ");
    tell(done);
    assert!(hits(done) >= 95.0, "{done}");
    assert_eq!(listing(&second.package()), package);

    let third = second.another(&registry);
    drop(second);
    let file = third.checkout.root.join("backend/cpp/llama-cpp/src/server.cpp");
    let text = fs_err::read_to_string(&file).unwrap();
    fs_err::write(&file, format!("{text}namespace {{ [[maybe_unused]] constexpr int edited = 1; }}\n"))
        .unwrap();
    let built = third.build(&["--push"]).expect(0).says("built llama-cpp");
    let done = built.line("done: ");
    tell(done);
    let hits = hits(done);
    tell(&format!(
        "after a one-line edit, on a fresh builder: {hits:.1} % from the compiler cache of the registry"
    ));
    assert!((95.0..100.0).contains(&hits), "{done}");

    // What users get is what was pushed.
    let user = third.another(&registry);
    drop(third);
    user.build(&[]).expect(0).says("pulled llama-cpp");
    let run = user.package().join("run").into_string();
    verify_alone(&user.package());
    conformance(&["test_llama_cpp_predict"], &run, &[("BACKEND_MODEL", MODEL.as_str())]);
}

/// The part of compilations that a cache spared, in percent, from the last line of a build.
#[track_caller]
fn hits(done: &str) -> f64 {
    let number =
        |text: Option<&str>| text.and_then(|text| text.rsplit([' ', '(']).next()?.parse::<f64>().ok());
    let all = number(done.split_once(" % of ").and_then(|(_, rest)| rest.split(" (").next()));
    let compiled = number(done.split_once(" compiled").map(|(before, _)| before));
    let (all, compiled) = all.zip(compiled).unwrap_or_else(|| panic!("no compiler cache figures in: {done}"));
    100.0 * (all - compiled) / all
}
