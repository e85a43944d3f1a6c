//! llama.cpp: one package of every flavor that a CPU has, built once and shared by the tests.

use crate::checkout::{Checkout, copy_tree, listing, repository, scratch, shared_cache, temporary};
use crate::child::tell;
use crate::client::{DRAFT, MODEL, PROJECTOR, conformance, in_empty_root, verify_alone};
use camino::Utf8PathBuf;
use std::sync::LazyLock;

/// Every flavor that needs no particular processor.
const FLAVORS: &str = "fallback,cpu-all,grpc,rpc-server";
const BUILD: [&str; 6] = ["build-backend", "llama-cpp", "--flavor", FLAVORS, "--set", VARIANTS];
/// Of fourteen builds of one part for one kind of processor each, the oldest and one that most machines have.
const VARIANTS: &str = if cfg!(target_arch = "x86_64") {
    "BACKEND_CPU_VARIANTS=x64,haswell"
} else {
    "BACKEND_CPU_VARIANTS=armv8.0_1,armv8.2_1"
};
/// Configurations that compile the server: `rpc-server` is part of `grpc`.
const CONFIGURATIONS: u32 = 3;

/// The checkout that the package was built in.
struct Llama {
    checkout: Checkout,
    package: Utf8PathBuf,
}

static LLAMA: LazyLock<Llama> = LazyLock::new(|| {
    crate::deps::ready();
    let root = scratch().join("llama");
    if root.exists() {
        fs_err::remove_dir_all(&root).unwrap();
    }
    for part in ["backend", "LICENSE"] {
        copy_tree(&repository().join(part), &root.join(part));
    }
    let checkout = Checkout::at(root, shared_cache());
    let mut args = BUILD.to_vec();
    args.push("--strict");
    let built = checkout.xtask_for_long(&args).expect(0);
    tell(built.line("done: "));
    let package = checkout.package("llama-cpp");
    Llama { checkout, package }
});

/// Builds every flavor, once: what is built afterwards finds most of its objects in the compiler cache.
pub fn ready() {
    LazyLock::force(&LLAMA);
}

fn start(package: &camino::Utf8Path) -> String {
    package.join("run").into_string()
}

#[test]
fn cpu_all_keeps_the_contract() {
    let tests = ["chat", "draft", "hostile", "media", "model", "predict", "process", "tokens"]
        .map(|part| format!("test_llama_cpp_{part}"));
    let tests = tests.each_ref().map(String::as_str);
    let vocabularies = LLAMA.checkout.cached("sources", "llama.cpp-").join("models");
    let more = [
        ("BACKEND_MODEL", MODEL.as_str()),
        ("BACKEND_DRAFT", DRAFT.as_str()),
        ("BACKEND_PROJECTOR", PROJECTOR.as_str()),
        ("BACKEND_VOCABULARIES", vocabularies.as_str()),
    ];
    conformance(&tests, &start(&LLAMA.package), &more);
}

#[test]
fn every_chat_template_of_upstream_renders() {
    let templates = LLAMA.checkout.cached("sources", "llama.cpp-").join("models/templates");
    let more = [("BACKEND_MODEL", MODEL.as_str()), ("BACKEND_TEMPLATES", templates.as_str())];
    conformance(&["test_llama_cpp_templates"], &start(&LLAMA.package), &more);
}

#[test]
fn the_package_serves_many_callers_from_an_empty_root() {
    let (_dir, root) = temporary();
    let command = in_empty_root(&LLAMA.package, &root, Some(&MODEL));
    let tests = ["test_llama_cpp_predict", "test_llama_cpp_parallel", "test_llama_cpp_tokens.Embeddings"];
    conformance(&tests, &command, &[("BACKEND_MODEL", MODEL.as_str())]);
}

#[test]
fn fallback_answers_where_the_others_are_missing() {
    let (_dir, package) = temporary();
    copy_tree(&LLAMA.package, &package);
    fs_err::remove_file(package.join("llama-cpp-cpu-all")).unwrap();
    conformance(&["test_llama_cpp_predict"], &start(&package), &[("BACKEND_MODEL", MODEL.as_str())]);
}

#[test]
fn grpc_computes_on_an_rpc_server() {
    let package = &LLAMA.package;
    let worker = format!("{package}/lib/ld.so --library-path {package}/lib {package}/llama-cpp-rpc-server");
    let more = [("BACKEND_MODEL", MODEL.as_str()), ("BACKEND_RPC_CMD", &worker)];
    conformance(&["test_llama_cpp_rpc"], &start(package), &more);
}

#[test]
fn the_package_and_its_image_keep_the_contract() {
    verify_alone(&LLAMA.package);
    let (_dir, root) = temporary();
    let (image, junit) = (root.join("llama-cpp.tar"), root.join("junit.xml"));
    let mut export = BUILD.to_vec();
    export.extend(["--output", image.as_str()]);
    LLAMA.checkout.xtask_for_long(&export).expect(0);
    let here = Checkout::at(repository(), shared_cache());
    let test = ["test-backend", image.as_str(), "--model", MODEL.as_str(), "--junit", junit.as_str()];
    tell(here.xtask_for_long(&test).expect(0).out.trim_end());
    let xml = fs_err::read_to_string(junit).unwrap();
    assert!(xml.contains(r#"failures="0" skipped="0""#), "{xml}");
}

#[test]
fn run_backend_streams_an_answer() {
    let here = Checkout::at(repository(), shared_cache());
    let run = ["run-backend", "llama-cpp", "--package", LLAMA.package.as_str(), "--max-tokens", "8"];
    let ran = here.xtask_for_long(&[&run[..], &["--prompt", "Hi"]].concat()).expect(0).says("noise");
    assert!(!ran.out.trim().is_empty(), "no answer; it said:\n{}", ran.err);
}

#[test]
fn an_unchanged_llama_cpp_is_nothing_to_do() {
    let again = LLAMA.checkout.xtask(&BUILD).expect(0).says("nothing to do for llama-cpp");
    assert_eq!(again.err.lines().count(), 1, "no step was run:\n{}", again.err);
    tell(again.err.trim_end());
}

#[test]
fn another_checkout_compiles_only_what_was_edited() {
    let elsewhere = LLAMA.checkout.clone_to("a/deeper/place/checkout");
    // Evicted and built anew: every object comes from the compiler cache, and not a byte of the package differs.
    let mut again = BUILD.to_vec();
    again.push("--no-cache");
    let built = elsewhere.xtask_for_long(&again).expect(0);
    tell(built.line("done: "));
    let (all, compiled) = compilations(built.line("done: "));
    assert_eq!(compiled, 0, "of {all}: {}", built.err);
    assert_eq!(listing(&LLAMA.package), listing(&elsewhere.package("llama-cpp")));

    let file = "backend/cpp/llama-cpp/src/server.cpp";
    let text = fs_err::read_to_string(elsewhere.root.join(file)).unwrap();
    // Another edit each time: the cache outlives this run.
    let number = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    let line = format!("namespace {{ [[maybe_unused]] constexpr auto edited = {number}ULL; }}\n");
    fs_err::write(elsewhere.root.join(file), format!("{text}{line}")).unwrap();
    let mut why = BUILD.to_vec();
    why[0] = "why";
    let why = elsewhere.xtask(&why).expect(0).out;
    assert!(why.contains("changed since the last build") && why.contains(file), "{why}");
    let built = elsewhere.xtask_for_long(&BUILD).expect(0);
    tell(built.line("done: "));
    let (all, compiled) = compilations(built.line("done: "));
    assert!((1..=CONFIGURATIONS).contains(&compiled), "{compiled} of {all} were compiled:\n{}", built.err);
    assert!(compiled * 10 <= all, "less than 90 % hits: {compiled} of {all} were compiled");
}

/// All compilations, and those that no cache spared, from the last line of a build.
#[track_caller]
fn compilations(done: &str) -> (u32, u32) {
    let number = |text: Option<&str>| text.and_then(|text| text.rsplit([' ', '(']).next()?.parse().ok());
    let all = number(done.split_once(" % of ").and_then(|(_, rest)| rest.split(" (").next()));
    let compiled = number(done.split_once(" compiled").map(|(before, _)| before));
    all.zip(compiled).unwrap_or_else(|| panic!("no compiler cache figures in: {done}"))
}
