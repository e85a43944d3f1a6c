//! What the next runner finds in the registry: bases, layers, compiler caches, finished images.

use crate::checkout::listing;
use crate::child::{self, SHORT, tell};
use crate::prepared::{Prepared, image_tag};
use crate::runner::{BACKENDS, CACHE, Runner};
use crate::testbed::Registry;
use std::process::Command;
use std::time::Instant;

#[test]
fn base_image_layers_and_compiler_cache_are_in_the_registry() {
    Prepared::get();
    let registry = Prepared::registry();
    let tags = registry.tags(CACHE);
    for start in
        ["base-grpc-amd64", "base-", "cache-base-grpc-amd64", "cache-", "img-", "ccache-tiny-amd64-cpu"]
    {
        assert!(tags.iter().any(|tag| tag.starts_with(start)), "no {start} among {tags:?}");
    }
    // For users, it is there by digest alone until it is merged.
    assert!(registry.tags(BACKENDS).is_empty());
}

#[test]
fn without_a_base_the_bare_image_gives_the_same_bytes() {
    let registry = Registry::start();
    let runner = Runner::tiny(&registry);
    let built = runner.build(&[]).expect(0).says("fromsource").says("built tiny");
    tell(built.line("done: "));
    assert_eq!(listing(&runner.package()), Prepared::get().package);
    let answer = child::run(Command::new(runner.package().join("run")), SHORT).expect(0).out;
    assert_eq!(answer, "hello, tiny\n42\ngoodbye\n");
    assert!(registry.tags(CACHE).is_empty(), "without --push nothing is written");
    runner.build(&[]).expect(0).says("nothing to do for tiny");
}

#[test]
fn a_fresh_builder_finds_every_layer() {
    let began = Instant::now();
    Prepared::get();
    let registry = Prepared::registry_without_image();
    let runner = Runner::tiny(&registry);
    let built = runner.build(&[]).expect(0).says("built tiny");
    let done = built.line("done: ");
    tell(&format!("{done} · all in {:.1} s", began.elapsed().as_secs_f64()));
    let (cached, all) = layers(done);
    assert_eq!(cached, all, "{}", built.err);
    assert_eq!(listing(&runner.package()), Prepared::get().package);
    // The base was there, so its own instructions are no part of the build.
    let log = runner.progress();
    assert!(!log.contains("builder-fromsource"), "an unreferenced stage was looked at:\n{log}");
}

#[test]
fn after_an_edit_a_fresh_builder_compiles_one_file() {
    Prepared::get();
    let registry = Prepared::registry();
    let runner = Runner::tiny(&registry);
    runner.checkout.edit("backend/cpp/tiny/src/answer.cpp", "return 42", "return 43");
    let built = runner.build(&["--push"]).expect(0).says("built tiny");
    tell(built.line("done: "));
    assert!(built.line("done: ").contains("5 direct, 0 preprocessed, 1 compiled"), "{}", built.err);
    let answer = child::run(Command::new(runner.package().join("run")), SHORT).expect(0).out;
    assert!(answer.contains("43"), "{answer}");
    // What was compiled then is there for the next one.
    let next = runner.another(&registry);
    next.checkout.edit("backend/cpp/tiny/src/main.cpp", "int main() {", "int main() { ;");
    let built = next.build(&[]).expect(0);
    assert!(built.line("done: ").contains("5 direct, 0 preprocessed, 1 compiled"), "{}", built.err);
}

#[test]
fn a_finished_image_is_not_built_again() {
    Prepared::get();
    let registry = Prepared::registry();
    let tag = image_tag(&registry);
    let image = registry.digest(CACHE, &tag);
    let mut expected = registry.tags(CACHE);
    // No builder is asked: there is none.
    let mut runner = Runner::tiny(&registry);
    runner.without_docker();
    let reused = runner.build(&["--push"]).expect(0).says("nothing to build for tiny");
    assert!(reused.line("done: ").contains(&image), "{}", reused.err);
    expected.insert(tag.replace("img-", "used-"));
    assert_eq!((registry.tags(CACHE), registry.digest(CACHE, &tag)), (expected, image));
    assert!(registry.tags(BACKENDS).is_empty());
    let before = registry.snapshot();
    let pulled = runner.build(&[]).expect(0).says("pulled tiny");
    assert_eq!(listing(&runner.package()), Prepared::get().package, "{}", pulled.err);
    assert_eq!(registry.snapshot(), before, "whoever may not push marks nothing");
}

/// Cached and all layers, from the last line of a build.
#[track_caller]
fn layers(done: &str) -> (u32, u32) {
    let figures = done.split_once("layers ").and_then(|(_, rest)| rest.split_once(" cached"));
    let (cached, all) =
        figures.and_then(|(figures, _)| figures.split_once(" of ")).expect("figures of layers");
    (cached.parse().unwrap(), all.parse().unwrap())
}
