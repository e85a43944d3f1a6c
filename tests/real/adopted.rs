//! A backend of a tree that Makefiles build, adopted with its family's own recipe: built, started and asked.

use crate::checkout::{Checkout, copy_tree, repository};
use crate::child::{self, SHORT};
use std::process::Command;

/// Starts a package and asks for its health, with what the package itself holds.
const ASK: &str = r#"
import socket, subprocess, sys
package = sys.argv[1]
sys.path[:0] = [f"{package}/app", f"{package}/site-packages"]
import backend_pb2, backend_pb2_grpc, grpc
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    address = f"127.0.0.1:{free.getsockname()[1]}"
server = subprocess.Popen([f"{package}/run", "--addr", address])
try:
    channel = grpc.insecure_channel(address)
    grpc.channel_ready_future(channel).result(timeout=60)
    print(backend_pb2_grpc.BackendStub(channel).Health(backend_pb2.HealthMessage(), timeout=60).message.decode())
finally:
    server.kill()
"#;

#[test]
fn an_adopted_python_backend_builds_by_its_own_recipe_and_answers() {
    let checkout = Checkout::tiny();
    for part in ["backend", "scripts", ".github", "go.mod", "pkg"] {
        copy_tree(&repository().join("tests/fixtures/adopt").join(part), &checkout.root.join(part));
    }
    for args in [&["init", "--quiet"][..], &["add", "--all"]] {
        let mut git = Command::new("git");
        git.current_dir(&checkout.root).args(args);
        child::run(git, SHORT).expect(0);
    }
    checkout.xtask(&["import-matrix", "--adopt", "."]).expect(0);
    let manifest = fs_err::read_to_string(checkout.root.join("backend/python/reader/backend.yaml")).unwrap();
    assert!(manifest.contains("python:") && !manifest.contains("script:"), "{manifest}");
    checkout.xtask_for_long(&["build-backend", "reader"]).expect(0).says("built reader");
    let package = checkout.package("reader");
    let mut ask = Command::new(package.join("python/bin/python3"));
    ask.args(["-I", "-S", "-B", "-c", ASK, package.as_str()]);
    let said = child::run(ask, SHORT).expect(0).out;
    assert!(said.starts_with("read by six 1."), "{said}");
    assert!(!package.join("app/test.py").exists() && package.join("app/common/greeting.py").exists());
}
