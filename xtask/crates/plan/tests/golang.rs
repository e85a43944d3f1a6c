//! Go backends: stubs in the module's place, C where it is declared, and libraries for several processors.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{command, request, world};
use model::backend::{Go, Recipe};
use model::cmake_options::{OptionTables, Options};
use model::engine::Engine;
use model::flavor::Flavor;
use model::package::Processor;
use plan::Plan;
use plan::recipe::PlanError;
use plan::request::{RealmChoice, Request};
use plan::step::Action;
use std::collections::BTreeMap;

fn options(pairs: &[(&str, &str)]) -> Options {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.parse().unwrap())).collect()
}

fn whisper() -> Engine {
    let flavor = |flavor, value| (flavor, options(&[("GGML_AVX2", value)]));
    Engine {
        project: None,
        target: Some("gowhisper".to_owned()),
        options: OptionTables {
            always: options(&[
                ("BUILD_SHARED_LIBS", "OFF"),
                ("ARCH", "${arch}"),
                ("GPUS", "${gpu-target-list}"),
            ]),
            by_build_type: BTreeMap::from([("cublas".parse().unwrap(), options(&[("GGML_CUDA", "ON")]))]),
            by_variant: BTreeMap::from([("cpu".parse().unwrap(), options(&[("WHISPER_CPU", "ON")]))]),
            by_flavor: [flavor(Flavor::Avx2, "on"), flavor(Flavor::Fallback, "off")].into(),
            ..OptionTables::default()
        },
        libraries: BTreeMap::from([("WHISPER_LIBRARY".to_owned(), "libgowhisper.so".parse().unwrap())]),
        beside: Vec::new(),
    }
}

fn planned(recipe: Go, wanted: &Request) -> Result<Plan, PlanError> {
    let mut world = world();
    let store = world.backends.get_mut("local-store").unwrap();
    store.recipe = Recipe::Go(recipe);
    world.plan(wanted)
}

fn go(engine: Option<Engine>) -> Go {
    Go { package: ".".into(), stubs: Some("pkg/grpc/proto".parse().unwrap()), cgo: false, engine }
}

fn steps(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

#[test]
fn stubs_are_made_where_the_module_has_them_and_licences_by_a_program_of_ours() {
    let plan = planned(go(None), &request("local-store")).unwrap();
    let stubs = ["go-messages", "go-services", "go-stubs-directory", "go-stubs"];
    let rest = ["build", "licenses-program", "licenses"];
    assert_eq!(steps(&plan), [&["stage"][..], &stubs, &rest].concat());
    assert!(command(&plan, "go-stubs").contains("--go_out=${build:go}/src/pkg/grpc/proto"));
    assert!(plan.facts.iter().any(|fact| fact.name() == "protoc"));
    let cgo = planned(Go { cgo: true, ..go(None) }, &request("local-store")).unwrap();
    assert!(command(&cgo, "build").contains("-extldflags=-Wl,--build-id=none"));
    assert!(cgo.facts.iter().any(|fact| fact.name() == "c++"));
}

#[test]
fn an_engine_is_configured_once_a_flavor_and_the_processor_chooses() {
    let plan = planned(go(Some(whisper())), &request("local-store")).unwrap();
    assert_eq!(plan.flavors, [Flavor::Fallback, Flavor::Avx2]);
    let configure = command(&plan, "configure-avx2");
    for part in
        ["-S ${build:go}/src/backend/go/local-store", "-DGGML_AVX2=on", "-DARCH=amd64", "-DWHISPER_CPU=ON"]
    {
        assert!(configure.contains(part), "{part}: {configure}");
    }
    // What comes to nothing is left out.
    assert!(!configure.contains("GGML_CUDA") && !configure.contains("GPUS"), "{configure}");
    assert!(command(&plan, "configure-fallback").contains("-DGGML_AVX2=off"));
    assert_eq!(command(&plan, "build-avx2"), "cmake --build ${build:avx2} --target gowhisper");
    let package = plan.package.as_ref().unwrap();
    let told: Vec<_> = package.told.iter().map(|told| (told.path.as_str(), told.processor)).collect();
    let expected =
        [("lib/libgowhisper-avx2.so", Some(Processor::Avx2)), ("lib/libgowhisper-fallback.so", None)];
    assert_eq!(told, expected);
    assert_eq!(package.own_libraries, ["libgowhisper*"]);
}

#[test]
fn other_processors_have_one_library_and_a_flavor_that_is_not_there_is_refused() {
    let arm = Request {
        platform: Some("linux/arm64".parse().unwrap()),
        realm: RealmChoice::Container,
        ..request("local-store")
    };
    assert_eq!(planned(go(Some(whisper())), &arm).unwrap().flavors, [Flavor::Fallback]);
    let wanted = |flavor| Request { flavors: vec![flavor], ..request("local-store") };
    assert_eq!(planned(go(Some(whisper())), &wanted(Flavor::Avx2)).unwrap().flavors, [Flavor::Avx2]);
    let refused = planned(go(Some(whisper())), &wanted(Flavor::Avx)).unwrap_err();
    assert!(refused.to_string().contains("`avx`"), "{refused}");
}

#[test]
fn an_engine_without_flavors_is_configured_once_and_its_libraries_keep_their_names() {
    let mut alone = Engine { beside: vec!["libggml*".to_owned()], ..whisper() };
    alone.options.by_flavor.clear();
    let plan = planned(go(Some(alone.clone())), &request("local-store")).unwrap();
    assert!(plan.flavors.is_empty());
    let ids = ["configure-engine", "build-engine", "collect-engine-1", "collect-engine-2"];
    assert_eq!(steps(&plan)[1..5], ids);
    let collected = |id: &str| {
        let step = plan.steps.iter().find(|step| step.id.as_str() == id).unwrap();
        let Action::Copy { from, matching, to } = &step.action else { panic!("{step:?}") };
        format!("{from} {} {to}", matching.join(","))
    };
    assert_eq!(collected("collect-engine-1"), "${build:engine} libgowhisper.so,libgowhisper.so.* ${out}/lib");
    assert_eq!(collected("collect-engine-2"), "${build:engine} libggml*.so,libggml*.so.* ${out}/lib");
    let package = plan.package.as_ref().unwrap();
    assert_eq!(package.own_libraries, ["libgowhisper*", "libggml*"]);
    let told: Vec<_> = package.told.iter().map(|told| (told.path.as_str(), told.processor)).collect();
    assert_eq!(told, [("lib/libgowhisper.so", None)]);
    let wanted = Request { flavors: vec![Flavor::Fallback], ..request("local-store") };
    planned(go(Some(alone)), &wanted).unwrap_err();
}
