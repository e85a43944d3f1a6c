//! Directories with names that shells, build systems and linkers read as something else.

use crate::checkout::{Checkout, lend_compiled, lend_tools, listing};
use camino::Utf8Path;

/// What every tool of every family takes for a name: of a cache, and of a checkout.
const PLAIN: &str = "it's my 100 % ünï,#&(=@*!`{ cache";

/// What those of Go, Rust and Python take as well.
const STRANGE: &str = " \"$HOME\" a|c[d]";

fn below(checkout: &mut Checkout, name: &str) {
    checkout.cache = checkout.cache.join(name);
    lend_tools(&checkout.cache);
    lend_compiled(&checkout.cache);
}

/// Builds a unit in a cache of that name, and once more with what the cache has of it.
fn builds(checkout: &mut Checkout, backend: &str, name: &str) {
    let build = ["build-backend", backend, "--strict"];
    checkout.xtask_for_long(&build).expect(0).says(&format!("built {backend}"));
    let bytes = listing(&checkout.package(backend));
    let cache = checkout.cache.clone();
    below(checkout, name);
    checkout.xtask_for_long(&[&build[..], &["--force"]].concat()).expect(0).says(&format!("built {backend}"));
    assert_eq!(listing(&checkout.package(backend)), bytes, "a path has reached the package");
    checkout.xtask(&["cache", "verify"]).expect(0);
    checkout.cache = cache;
}

#[test]
fn every_family_builds_in_a_cache_with_a_strange_name() {
    let mut checkout = Checkout::families();
    builds(&mut checkout, "tinygo", &format!("{PLAIN}{STRANGE}\\"));
    builds(&mut checkout, "tinyrust", &format!("{PLAIN}{STRANGE};\\").replace('%', ""));
    builds(&mut checkout, "tiny", PLAIN);
}

#[test]
fn a_python_backend_builds_in_a_cache_with_a_strange_name() {
    let mut checkout = Checkout::copy("checkout");
    let temporary = Checkout::tiny();
    checkout.cache = temporary.cache.clone();
    checkout.xtask(&["new-backend", "python", "tinypython"]).expect(0);
    builds(&mut checkout, "tinypython", &format!("{PLAIN}{STRANGE};\\"));
}

#[test]
fn what_a_tool_cannot_have_in_a_path_is_refused_before_anything_is_done() {
    let checkout = Checkout::families();
    let refuse = |name: &str, backend: &str, whose: &str| {
        let mut command = checkout.command(&["build-backend", backend]);
        command.env("XTASK_CACHE_DIR", checkout.cache.join(name));
        let run = crate::child::run(command, crate::child::SHORT).expect(2);
        run.says(&format!("in a path means something else to {whose}")).says("set XTASK_CACHE_DIR");
        assert!(!Utf8Path::new(&checkout.cache).join(name).join("v1/scratch/sources").exists());
    };
    for name in ["a\"b", "a;b", "a\\b", "a[b"] {
        refuse(name, "tiny", "CMake");
    }
    refuse("a|b", "tiny", "Ninja");
    refuse("a:b", "tiny", "PATH");
    refuse("a$b", "tiny", "ccache");
    refuse("a%b", "tinyrust", "LLVM's linker");
    refuse("a;b", "tinygo", "Go");
    let mut without = checkout.command(&["build-backend", "tiny", "--compiler-cache", "off"]);
    without.env("XTASK_CACHE_DIR", checkout.cache.join("a$b"));
    crate::child::run(without, crate::child::SHORT).expect(0).says("built tiny");
}
