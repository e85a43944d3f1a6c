//! A Go program that opens a library which CMake compiles for several processors.

use crate::checkout::Checkout;
use crate::child;
use std::process::Command;

#[test]
fn the_processor_chooses_the_library_and_a_variable_another() {
    let checkout = Checkout::families();
    checkout.xtask(&["build-backend", "tinyengine", "--realm", "native", "--strict"]).expect(0);
    let package = checkout.package("tinyengine");
    let has_avx2 = fs_err::read_to_string("/proc/cpuinfo").unwrap().contains(" avx2 ");
    let said = |library: Option<&str>| {
        let mut run = Command::new(package.join("run"));
        run.env_remove("TINY_LIBRARY");
        run.envs(library.map(|name| ("TINY_LIBRARY", package.join("lib").join(name))));
        child::run(run, child::SHORT).expect(0).out
    };
    assert_eq!(said(None).trim(), if has_avx2 { "level 12" } else { "level 11" });
    assert_eq!(said(Some("libtiny-fallback.so")).trim(), "level 11");
    assert!(package.join("licenses/github.com/ebitengine/purego/LICENSE").is_file());
    assert!(package.join("lib/ld.so").is_file());
    checkout.xtask(&["build-backend", "tinyengine"]).expect(0).says("nothing to do");

    checkout.edit("backend/go/tinyengine/offset.h", "10", "20");
    let why = checkout.xtask(&["why", "tinyengine"]).expect(0).out;
    assert!(why.contains("backend/go/tinyengine/offset.h"), "{why}");

    // Configured once, with the library that it links beside it.
    let manifest = "backend/go/tinyengine/backend.yaml";
    checkout.edit(
        manifest,
        "    flavors:\n",
        "    beside: ['libbase*']\n    by-variant: { cpu: { LEVEL: '4' } }\n",
    );
    checkout.edit(manifest, "      avx2: { LEVEL: '2' }\n      fallback: { LEVEL: '1' }\n", "");
    checkout.xtask(&["build-backend", "tinyengine", "--realm", "native", "--strict"]).expect(0);
    assert_eq!(said(None).trim(), "level 24");
    for library in ["libtiny.so", "libbase.so.1", "libbase.so.1.2"] {
        assert!(package.join("lib").join(library).is_file(), "{library}");
    }
}
