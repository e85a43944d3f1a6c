//! gRPC from source as a unit, with a library of one file in its place: 20 minutes of compiling prove no more of it.

use crate::checkout::Checkout;
use crate::child::{self, SHORT};
use camino::Utf8Path;
use std::fmt::Write;
use std::process::Command;

const BUILD: [&str; 4] = ["build-backend", "tiny", "--grpc", "registry"];

const PREFIX_CMAKE: &str = "\
cmake_minimum_required(VERSION 3.20)
project(prefix CXX)
add_library(prefix STATIC prefix.cpp)
install(TARGETS prefix DESTINATION lib)
install(FILES prefix.h DESTINATION include)
";
const TINY_CMAKE: &str = "
find_path(PREFIX_INCLUDE prefix.h REQUIRED)
find_library(PREFIX_LIBRARY prefix REQUIRED)
target_include_directories(tiny-server PRIVATE \"${PREFIX_INCLUDE}\")
target_link_libraries(tiny-server PRIVATE \"${PREFIX_LIBRARY}\")
";

/// The tiny checkout, with a backend that needs a header and a library which only the dependency's prefix has.
pub fn checkout() -> Checkout {
    let checkout = Checkout::tiny();
    let root = &checkout.root;
    // Below `backend`, so that clones of the checkout have it.
    let (grpc, protobuf) = (root.join("backend/prefix/grpc"), root.join("backend/prefix/protobuf"));
    for dir in [&grpc, &protobuf] {
        fs_err::create_dir_all(dir).unwrap();
        fs_err::write(dir.join("LICENSE"), dir.file_name().unwrap()).unwrap();
    }
    fs_err::write(grpc.join("CMakeLists.txt"), PREFIX_CMAKE).unwrap();
    fs_err::write(grpc.join("prefix.h"), "int prefix();\n").unwrap();
    fs_err::write(grpc.join("prefix.cpp"), "int prefix() { return 7; }\n").unwrap();
    pin(&checkout);

    checkout.edit("backend/cpp/tiny/src/answer.cpp", "#include", "#include <prefix.h>\n#include");
    checkout.edit("backend/cpp/tiny/src/answer.cpp", "return 42", "return 42 + prefix()");
    let lists = root.join("backend/cpp/tiny/CMakeLists.txt");
    let text = fs_err::read_to_string(&lists).unwrap();
    fs_err::write(lists, text + TINY_CMAKE).unwrap();
    checkout
}

/// Writes the pins of the two trees as they are now.
fn pin(checkout: &Checkout) {
    let file = checkout.root.join("backend/sources.yaml");
    let text = fs_err::read_to_string(&file).unwrap();
    let (sources, programs) = text.split_once("\nprograms:").unwrap();
    let mut text = sources.split("  grpc-registry:").next().unwrap().to_owned();
    for name in ["grpc", "protobuf"] {
        let tree = fetch::tree::tree_digest(&checkout.root.join("backend/prefix").join(name)).unwrap().digest;
        let zero = "0".repeat(64);
        writeln!(
            text,
            "  {name}-registry:\n    version: \"1\"\n    upstream:\n      archive:\n        \
             url: https://upstream.invalid/{name}.tar.gz\n        sha256: {zero}\n    tree: {tree}\n    \
             mirrors:\n      - path: backend/prefix/{name}\n    license: MIT\n    license-files: [LICENSE]",
        )
        .unwrap();
    }
    write!(text, "\nprograms:{programs}").unwrap();
    fs_err::write(file, text).unwrap();
}

fn answer(package: &Utf8Path) -> String {
    child::run(Command::new(package.join("run")), SHORT).expect(0).out
}

#[test]
fn a_backend_is_compiled_against_a_unit_that_is_cached_by_itself() {
    let first = checkout();
    first.xtask(&BUILD).expect(0).says("built grpc · registry").says("built tiny");
    let package = first.package("tiny");
    assert!(answer(&package).contains("49"));
    let license = fs_err::read_to_string(package.join("licenses/grpc-registry/LICENSE")).unwrap();
    assert_eq!(license, "grpc");
    assert!(first.xtask(&BUILD).expect(0).err.starts_with("done: nothing to do for tiny"));

    // What only needs the package does not need what it was compiled against; what is compiled anew does, and finds it.
    let second = first.clone_to("elsewhere");
    let restored = second.xtask(&BUILD).expect(0).says("restored tiny");
    assert!(!restored.err.contains("grpc"), "{}", restored.err);
    second.edit("backend/cpp/tiny/src/answer.cpp", "42", "43");
    let built = second.xtask(&BUILD).expect(0).says("built tiny");
    assert!(!built.err.contains("built grpc"), "{}", built.err);
    assert!(answer(&second.package("tiny")).contains("50"));

    // A change of the dependency is a change of the backend.
    second.edit("backend/prefix/grpc/prefix.cpp", "7", "8");
    pin(&second);
    let why = second.xtask(&["why", "tiny", "--grpc", "registry"]).expect(0).out;
    assert!(why.contains("dependency grpc"), "{why}");
    second.xtask(&BUILD).expect(0).says("built grpc · registry").says("built tiny");
    assert!(answer(&second.package("tiny")).contains("51"));
}

#[test]
fn install_base_deps_compiles_it_and_a_lost_prefix_is_restored() {
    let checkout = checkout();
    let install = ["install-base-deps", "--backend", "tiny", "--grpc", "registry"];
    let built = checkout.xtask(&install).expect(0).says("built grpc · registry");
    let line = built.line("done: built grpc");
    let prefix = Utf8Path::new(line.split(" → ").nth(1).unwrap().split(" · ").next().unwrap());
    assert!(prefix.join("include/prefix.h").is_file());
    checkout.xtask(&install).expect(0).says("nothing to do for grpc");
    fs_err::remove_dir_all(prefix).unwrap();
    checkout.xtask(&BUILD).expect(0).says("restored grpc").says("built tiny");
    checkout.xtask(&[install.as_slice(), &["--no-cache"]].concat()).expect(0).says("ccache 100 %");
}
