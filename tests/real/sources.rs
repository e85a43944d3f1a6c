//! The real source of llama.cpp from a package registry: into an empty cache, then without a network.

use crate::checkout::{Checkout, copy_tree, repository};
use crate::child::{self, LONG, tell};
use std::time::Instant;

/// Reads the source, compiles nothing of it.
const CMAKE: &str = r#"
cmake_minimum_required(VERSION 3.20)
project(tiny CXX)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
file(READ "${GREETING_DIR}/ggml/CMakeLists.txt" listed)
file(WRITE "${CMAKE_BINARY_DIR}/main.cpp" "int main() {}")
add_executable(tiny-server "${CMAKE_BINARY_DIR}/main.cpp")
"#;

#[test]
fn llama_cpp_comes_from_the_package_index_and_then_from_the_cache() {
    let checkout = Checkout::tiny();
    for part in ["backend/sources.yaml", "backend/patches"] {
        copy_tree(&repository().join(part), &checkout.root.join(part));
    }
    let manifest = "backend/cpp/tiny/backend.yaml";
    checkout.edit(manifest, "sources: [greeting]", "sources: [llama.cpp]");
    checkout.edit(manifest, "source: greeting", "source: llama.cpp");
    let cmake = checkout.root.join("backend/cpp/tiny/CMakeLists.txt");
    fs_err::write(&cmake, CMAKE).unwrap();
    let build = ["build-backend", "tiny"];
    let offline = ["--offline", "build-backend", "tiny"];

    checkout.xtask(&offline).expect(1).says("source `llama.cpp`").says("--offline forbids the network");

    let began = Instant::now();
    let cold = child::run(checkout.command(&build), LONG)
        .expect(0)
        .says("fetching llama.cpp from sdist of llama-cpp-python");
    tell(&format!("{} · {:.1} s", cold.line("llama.cpp: "), began.elapsed().as_secs_f64()));

    // Another key, so that it is built again, with the source that is there.
    fs_err::write(&cmake, format!("{CMAKE}\n# warm\n")).unwrap();
    let warm = checkout.xtask(&offline).expect(0).says("built tiny");
    assert!(!warm.err.contains("fetching llama.cpp"), "{}", warm.err);

    // What is in the cache is what the pin says; a wrong pin gets nothing.
    checkout.edit("backend/sources.yaml", "tree: 6c0e", "tree: 7d1f");
    let wrong = checkout.xtask(&offline).expect(1).says("source `llama.cpp`");
    assert!(!wrong.err.contains("built tiny"), "{}", wrong.err);
}
