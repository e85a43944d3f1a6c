//! Keys: one is pinned, and every field of the document changes it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{request, world};
use model::flavor::Flavor;
use plan::Plan;
use plan::container::{Builder, BuilderImage, Ingredients};
use plan::key::{InputDigests, InputSet, Measured};
use plan::realm::Realm;
use plan::request::RealmChoice;
use std::collections::BTreeMap;
use std::sync::Arc;

type Change<T> = Box<dyn Fn(&mut T)>;

fn plan() -> Plan {
    let mut wanted = request("llama-cpp");
    wanted.flavors = vec![Flavor::Fallback];
    world().plan(&wanted).unwrap()
}

fn inputs() -> InputDigests {
    let entry = |name: &str, value: &str| (name.into(), value.to_owned());
    BTreeMap::from([entry("backend/backend.proto", "11"), entry("backend/cpp/llama-cpp/a.cpp", "22")])
}

fn measured() -> Measured {
    Measured {
        inputs: Arc::new(InputSet::new(inputs())),
        patches: BTreeMap::new(),
        facts: BTreeMap::from([("cc".to_owned(), "gcc 12".to_owned())]),
        deps: BTreeMap::new(),
    }
}

fn key(plan: &Plan, measured: &Measured) -> String {
    plan::key::key(plan, measured).to_string()
}

#[test]
fn the_key_of_one_document_is_pinned() {
    // If this changes, every cache in the world goes cold: change it on purpose or not at all.
    assert_eq!(key(&plan(), &measured()), "aefba92328367b6a826149ea414eb9b258c69cbd5f9879c0d59729499a1c9067");
}

#[test]
fn every_field_of_the_plan_changes_the_key() {
    let base = key(&plan(), &measured());
    let changes: Vec<(&str, Change<Plan>)> = vec![
        ("backend", Box::new(|p| p.unit.backend = "other".parse().unwrap())),
        ("variant", Box::new(|p| p.unit.variant = "vulkan".parse().unwrap())),
        ("platform", Box::new(|p| p.unit.platform = common::platform("linux/arm64"))),
        ("flavors", Box::new(|p| p.flavors.push(Flavor::Grpc))),
        ("realm", Box::new(|p| p.realm = container(Builder::Prebuilt))),
        ("step order", Box::new(|p| p.steps.swap(1, 2))),
        ("step gone", Box::new(|p| drop(p.steps.pop()))),
        ("argument", Box::new(|p| edit(p, |cmd| cmd.args.push("-DX=1".into())))),
        ("argument order", Box::new(|p| edit(p, |cmd| cmd.args.swap(0, 1)))),
        ("environment", Box::new(|p| edit(p, |cmd| drop(cmd.env.insert("A".into(), "b".into()))))),
        ("program", Box::new(|p| edit(p, |cmd| cmd.program = "make".into()))),
        ("directory", Box::new(|p| edit(p, |cmd| cmd.cwd = Some("/".into())))),
        ("pin tree", Box::new(|p| p.pins[0].tree = Some("2".repeat(64).parse().unwrap()))),
        ("pin gone", Box::new(|p| drop(p.pins.pop()))),
        ("pin exclude", Box::new(|p| p.pins[0].exclude.push("x".into()))),
        ("package programs", Box::new(|p| package(p).programs[0].path = "x".into())),
        ("package environment", Box::new(|p| drop(package(p).env.insert("A".into(), "b".into())))),
        ("package libraries", Box::new(|p| package(p).extra_libraries.push("libz.so.1".into()))),
        ("refresh", Box::new(|p| p.refresh = Some("2026-W48".into()))),
        ("cpu", Box::new(|p| p.cpu = Some("Y".into()))),
    ];
    let mut seen = BTreeMap::from([(base, "nothing")]);
    for (what, change) in changes {
        let mut plan = plan();
        change(&mut plan);
        let earlier = seen.insert(key(&plan, &measured()), what);
        assert_eq!(earlier, None, "{what}");
    }
}

#[test]
fn every_measured_field_changes_the_key() {
    let base = key(&plan(), &measured());
    let changes: Vec<(&str, Change<Measured>)> = vec![
        ("content", files(|files| drop(files.insert("backend/backend.proto".into(), "12".into())))),
        ("executable bit", files(|files| drop(files.insert("backend/backend.proto".into(), "11 x".into())))),
        ("new file", files(|files| drop(files.insert("b".into(), "1".into())))),
        ("file gone", files(|files| drop(files.pop_first()))),
        ("tool version", Box::new(|m| drop(m.facts.insert("cc".into(), "gcc 13".into())))),
        ("dependency", Box::new(|m| drop(m.deps.insert("grpc".into(), "k".into())))),
    ];
    for (what, change) in changes {
        let mut measured = measured();
        change(&mut measured);
        assert_ne!(key(&plan(), &measured), base, "{what}");
    }
}

fn files(change: impl Fn(&mut InputDigests) + 'static) -> Change<Measured> {
    Box::new(move |measured| {
        let mut files = inputs();
        change(&mut files);
        measured.inputs = Arc::new(InputSet::new(files));
    })
}

#[test]
fn a_document_names_every_input() {
    let (plan, measured) = (plan(), measured());
    let json = plan::key::document(&plan, &measured).to_json().unwrap();
    assert!(json.contains("\"backend/cpp/llama-cpp/a.cpp\": \"22\""), "{json}");
}

#[test]
fn a_patch_changes_the_key() {
    let mut patched = plan();
    patched.pins[0].patches.push("backend/patches/a.patch".parse().unwrap());
    let with = |digest: &str| {
        let mut measured = measured();
        measured.patches.insert("backend/patches/a.patch".into(), digest.into());
        key(&patched, &measured)
    };
    assert_ne!(with("1"), key(&plan(), &measured()));
    assert_ne!(with("1"), with("2"));
}

#[test]
fn what_cannot_change_the_output_does_not_change_the_key() {
    let base = key(&plan(), &measured());
    let mut same = plan();
    same.reason = "another".into();
    same.pins[0].mirrors.clear();
    same.pins[0].version = "another name of the same bytes".into();
    edit(&mut same, |cmd| drop(cmd.tuning.insert("CCACHE_DIR".into(), "/elsewhere".into())));
    assert_eq!(key(&same, &measured()), base);
    let realm = |builder| {
        let mut plan = plan();
        plan.realm = container(builder);
        key(&plan, &measured())
    };
    assert_eq!(realm(Builder::Prebuilt), realm(Builder::FromSource));
}

/// The realm of a unit in a container, from a builder made that way.
fn container(builder: Builder) -> Realm {
    let mut wanted = request("llama-cpp");
    wanted.realm = RealmChoice::Container;
    let mut realm = world().plan(&wanted).unwrap().realm;
    let Realm::Container(container) = &mut realm else { panic!("asked for a container") };
    container.builder = builder;
    realm
}

fn in_container() -> Plan {
    let mut wanted = request("llama-cpp");
    wanted.realm = RealmChoice::Container;
    wanted.flavors = vec![Flavor::Fallback];
    world().plan(&wanted).unwrap()
}

/// The plan on another builder image.
fn built_in(change: impl Fn(&mut Ingredients)) -> Plan {
    let mut plan = in_container();
    let Realm::Container(container) = &mut plan.realm else { panic!("asked for a container") };
    let mut made_of = Ingredients::clone(&container.base);
    change(&mut made_of);
    container.base = Arc::new(BuilderImage::from(made_of));
    plan
}

fn one_package_more(made_of: &mut Ingredients) {
    let install = &mut made_of.install.steps[0].actions[0];
    let plan::toolchain::Install::AptInstall { packages } = install else {
        panic!("the first step installs")
    };
    packages.push("zsh".into());
}

#[test]
fn the_key_of_one_container_document_is_pinned() {
    assert_eq!(
        key(&in_container(), &measured()),
        "1d057f35d6fa9876d619743c8cbf31d2f8a9e189e9d9e51b8005c94539bdb8c1"
    );
}

#[test]
fn what_a_container_starts_from_changes_its_key() {
    let base = key(&in_container(), &measured());
    let changes: Vec<(&str, Change<Ingredients>)> = vec![
        ("image", Box::new(|g| g.image.push_str("@sha256:00"))),
        ("step gone", Box::new(|g| drop(g.install.steps.pop()))),
        ("step order", Box::new(|g| g.install.steps.swap(0, 1))),
        ("step renamed", Box::new(|g| g.install.steps[0].id = "other".parse().unwrap())),
        ("step edited", Box::new(one_package_more)),
        ("path", Box::new(|g| g.path.push("/opt/x/bin".into()))),
        ("template of the base", Box::new(|g| g.template = Some("t".into()))),
    ];
    let mut seen = BTreeMap::from([(base.clone(), "nothing")]);
    for (what, change) in changes {
        let earlier = seen.insert(key(&built_in(change), &measured()), what);
        assert_eq!(earlier, None, "{what}");
    }
    let same = built_in(|made_of| {
        made_of.install.title = "told otherwise".into();
        made_of.prebuilt = None;
    });
    assert_eq!(key(&same, &measured()), base);
}

#[test]
fn what_the_unit_s_own_template_says_changes_its_key() {
    let mut plan = in_container();
    let Realm::Container(container) = &mut plan.realm else { panic!("asked for a container") };
    container.template = Some("t".into());
    assert_ne!(key(&plan, &measured()), key(&in_container(), &measured()));
}

#[test]
fn a_changed_image_and_a_changed_install_step_are_named() {
    let json = |plan: &Plan| plan::key::document(plan, &measured()).to_json().unwrap();
    let after = built_in(|made_of| {
        made_of.image = "ubuntu:22.04".into();
        one_package_more(made_of);
    });
    let words: Vec<String> = plan::why::changes(&json(&in_container()), &json(&after))
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    let [image, step] = words.as_slice() else { panic!("{words:?}") };
    assert_eq!(image, "base image: ubuntu:24.04 → ubuntu:22.04");
    assert!(step.starts_with("install step base: "), "{step}");
}

fn edit(plan: &mut Plan, change: impl Fn(&mut plan::cmd::Cmd)) {
    for step in &mut plan.steps {
        if let plan::step::Action::Run { cmd } = &mut step.action {
            change(cmd);
        }
    }
}

fn package(plan: &mut Plan) -> &mut model::package::Package {
    plan.package.as_mut().unwrap()
}
