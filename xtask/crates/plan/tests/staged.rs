//! Backends that their own scripts build, and what `place` and `build-packages` add to every family.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{World, request, world};
use model::backend::{Backend, Recipe};
use model::script::{Language, Network, Prepare, Script};
use model::staged::Placed;
use plan::Plan;
use plan::key::{InputDigests, InputSet, Measured};
use plan::lower::{build_sh, prepare_sh};
use plan::request::{RealmChoice, Request};
use plan::shell::Directories;
use std::collections::BTreeMap;
use std::sync::Arc;

fn words(words: &[&str]) -> Vec<model::script::Word> {
    words.iter().map(|word| word.parse().unwrap()).collect()
}

fn whisper(world: &World) -> Backend {
    let place = Placed {
        source: "llama.cpp".parse().unwrap(),
        at: "backend/go/whisper/sources/llama.cpp".parse().unwrap(),
    };
    let env = [("BUILD_TYPE", "${build-type}"), ("JOBS", "${jobs}"), ("PLACE", "${os}-${arch} ${ubuntu}")];
    Backend {
        name: "whisper".parse().unwrap(),
        dir: "backend/go/whisper".into(),
        sources: vec!["llama.cpp".parse().unwrap()],
        place: vec![place],
        recipe: Recipe::Script(Script {
            language: Language::Go,
            prepare: vec![Prepare::GoModules],
            env: env.map(|(name, text)| (name.to_owned(), text.parse().unwrap())).into(),
            steps: vec![words(&["make", "-C", "backend/go/whisper", "it's all"])],
            output: "backend/go/whisper/package".parse().unwrap(),
            start: "run.sh".parse().unwrap(),
            network: Network::None,
            test: Vec::new(),
        }),
        ..world.backends["local-store"].clone()
    }
}

fn plan_of(change: impl Fn(&mut Backend, &mut Script), wanted: &Request) -> Plan {
    let mut world = world();
    let mut backend = whisper(&world);
    let Recipe::Script(mut script) = backend.recipe.clone() else { panic!("a script") };
    change(&mut backend, &mut script);
    backend.recipe = Recipe::Script(script);
    world.backends.insert(backend.name.clone(), backend);
    world.plan(wanted).unwrap()
}

fn in_container() -> Request {
    Request { realm: RealmChoice::Container, ..request("whisper") }
}

fn key(plan: &Plan) -> String {
    let measured = Measured {
        inputs: Arc::new(InputSet::new(InputDigests::new())),
        patches: BTreeMap::new(),
        facts: plan.facts.iter().map(|fact| (fact.name(), "1".to_owned())).collect(),
        deps: BTreeMap::new(),
    };
    plan::key::key(plan, &measured).to_string()
}

#[test]
fn a_script_runs_behind_a_fence_after_steps_of_ours() {
    let plan = plan_of(|_, _| (), &request("whisper"));
    let told = serde_json::json!({ "facts": plan.facts, "steps": plan.steps, "package": plan.package });
    insta::assert_snapshot!(serde_json::to_string_pretty(&told).unwrap());
    assert_eq!(plan.refresh, None);
}

#[test]
fn in_a_container_the_fence_is_between_two_scripts() {
    let add = |backend: &mut Backend, _: &mut Script| {
        backend.build_packages.apt = vec!["libespeak-ng-dev".parse().unwrap()];
    };
    let (plan, at) = (plan_of(add, &in_container()), Directories::default());
    insta::assert_snapshot!(format!("{}\n-----\n{}", prepare_sh(&plan, &at).unwrap(), build_sh(&plan, &at)));
    let other = world().plan(&Request { backend: "local-store".parse().unwrap(), ..in_container() }).unwrap();
    assert_eq!(prepare_sh(&other, &at), None);
}

#[test]
fn whatever_a_manifest_says_of_a_script_is_in_its_key() {
    type Change = fn(&mut Backend, &mut Script);
    let changes: [(&str, Change); 13] = [
        ("nothing", |_, _| ()),
        ("a step", |_, script| script.steps.push(words(&["true"]))),
        ("a word", |_, script| script.steps[0].push("x".parse().unwrap())),
        ("environment", |_, script| drop(script.env.insert("A".to_owned(), "${arch}".parse().unwrap()))),
        ("no preparation", |_, script| script.prepare.clear()),
        ("stubs for Go", |_, script| script.prepare.push(Prepare::GoStubs)),
        ("stubs for Python", |_, script| script.prepare.push(Prepare::PythonStubs)),
        ("output", |_, script| script.output = "backend/go/whisper/dist".parse().unwrap()),
        ("start", |_, script| script.start = "whisper".parse().unwrap()),
        ("network", |_, script| script.network = Network::Host),
        ("place", |backend, _| backend.place[0].at = "third_party/llama".parse().unwrap()),
        ("no place", |backend, _| backend.place.clear()),
        ("packages", |backend, _| backend.build_packages.apt.push("libopus-dev".parse().unwrap())),
    ];
    for wanted in [request("whisper"), in_container()] {
        let mut seen = BTreeMap::new();
        for (what, change) in changes {
            let earlier = seen.insert(key(&plan_of(change, &wanted)), what);
            assert_eq!(earlier, None, "{what}");
        }
    }
}

#[test]
fn a_script_with_a_network_floats() {
    let plan = plan_of(|_, script| script.network = Network::Host, &request("whisper"));
    assert_eq!(plan.refresh.as_deref(), Some("2026-W47"));
}

#[test]
fn every_family_acts_on_places_and_packages() {
    for name in ["llama-cpp", "local-store", "lexical"] {
        for realm in [RealmChoice::Native, RealmChoice::Container] {
            let mut world = world();
            let wanted = Request { realm, ..request(name) };
            let before = world.plan(&wanted).unwrap();
            let backend = world.backends.get_mut(name).unwrap();
            backend.sources = vec!["llama.cpp".parse().unwrap()];
            backend.place = vec![Placed {
                source: "llama.cpp".parse().unwrap(),
                at: "third_party/llama".parse().unwrap(),
            }];
            backend.build_packages.apt = vec!["libopus-dev".parse().unwrap()];
            let after = world.plan(&wanted).unwrap();
            let steps =
                |plan: &Plan| plan.steps.iter().map(|step| step.action.to_string()).collect::<Vec<_>>();
            let new: Vec<String> =
                steps(&after).into_iter().filter(|step| !steps(&before).contains(step)).collect();
            assert!(new.iter().any(|step| step.ends_with("/src/third_party/llama")), "{name}: {new:?}");
            let installs = new.iter().any(|step| step.ends_with("libopus-dev"));
            let is_fact = after.facts.iter().any(|fact| fact.name() == "deb:libopus-dev");
            assert_eq!((installs, is_fact), (realm == RealmChoice::Container, realm == RealmChoice::Native));
            assert_ne!(key(&before), key(&after));
            let licenses = &after.package.as_ref().unwrap().licenses;
            assert_eq!(licenses.iter().filter(|(name, _)| name == "llama.cpp").count(), 1);
        }
    }
}
