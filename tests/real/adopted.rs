//! A backend of a tree that Makefiles build, adopted with its family's own recipe: built, started and asked.

use crate::checkout::{Checkout, copy_tree, repository, temporary};
use crate::child::{self, SHORT};
use camino::Utf8Path;
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

const PROJECT: &str = "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n\
                       [project]\nname = \"ink\"\nversion = \"1.0\"\n";
const BACKEND: &str = r#"
import os, zipfile
try:
    import six  # of a requirements file before
    color = "blue"
except ImportError:
    color = "grey"
def build_wheel(directory, settings=None, metadata=None):
    name = "ink-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        wheel.writestr("ink.py", f"COLOR = {color!r}\n")
        about = "ink-1.0.dist-info/"
        wheel.writestr(about + "METADATA", "Metadata-Version: 2.1\nName: ink\nVersion: 1.0\nLicense: MIT\n")
        wheel.writestr(about + "WHEEL", "Wheel-Version: 1.0\nGenerator: it\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(about + "RECORD", "")
    return name
"#;

fn commit(root: &Utf8Path) {
    let named = ["-c", "user.name=it", "-c", "user.email=it@example.org"];
    for args in [&["init", "--quiet"][..], &["add", "--all"], &["commit", "--quiet", "--message", "It"]] {
        let mut git = Command::new("git");
        git.current_dir(root).args(named).args(args);
        child::run(git, SHORT).expect(0);
    }
}

/// What the server of a package says of its health.
fn asked(package: &Utf8Path) -> String {
    let mut ask = Command::new(package.join("python/bin/python3"));
    ask.args(["-I", "-S", "-B", "-c", ASK, package.as_str()]);
    child::run(ask, SHORT).expect(0).out.trim_end().to_owned()
}

#[test]
fn an_adopted_python_backend_builds_by_its_own_recipe_and_answers() {
    let checkout = Checkout::tiny();
    for part in ["backend", "scripts", ".github", "go.mod", "pkg"] {
        copy_tree(&repository().join("tests/fixtures/adopt").join(part), &checkout.root.join(part));
    }
    // A project that builds itself, with what is installed beside it.
    let (_dir, ink) = temporary();
    fs_err::write(ink.join("pyproject.toml"), PROJECT).unwrap();
    fs_err::write(ink.join("backend.py"), BACKEND).unwrap();
    commit(&ink);
    let after = checkout.root.join("backend/python/reader/requirements-cpu-after.txt");
    fs_err::write(&after, format!("typeguard\nink @ git+file://{ink}\n")).unwrap();
    commit(&checkout.root);
    checkout.xtask(&["import-matrix", "--adopt", "."]).expect(0);
    let manifest = fs_err::read_to_string(checkout.root.join("backend/python/reader/backend.yaml")).unwrap();
    assert!(manifest.contains("python:") && !manifest.contains("script:"), "{manifest}");
    checkout.xtask_for_long(&["build-backend", "reader"]).expect(0).says("built reader");
    let package = checkout.package("reader");
    let said = asked(&package);
    assert!(said.starts_with("read by six 1.") && said.ends_with(" blue"), "{said}");
    assert!(!package.join("app/test.py").exists() && package.join("app/common/greeting.py").exists());

    // Apart from what is installed, by a lock for this machine too, and mended afterwards.
    checkout
        .xtask(&["lock", "reader", "--variant", "cpu"])
        .expect(1)
        .says("built with what files before theirs");
    let mend = "import pathlib\nink = pathlib.Path('ink.py')\nink.write_text(ink.read_text().replace('grey', 'red'))\n";
    let dir = checkout.root.join("backend/python/reader");
    fs_err::write(dir.join("mend.py"), mend).unwrap();
    let apart = manifest.replace("      isolation: false\n", "");
    let apart =
        apart.replace("  by-variant:", "  post-install: [[python, '${backend}/mend.py']]\n  by-variant:");
    fs_err::write(dir.join("backend.yaml"), &apart).unwrap();
    let told = checkout.xtask_for_long(&["lock", "reader", "--variant", "cpu"]).expect(0).out;
    assert!(told.contains("pylock.cpu.toml: "), "{told}");
    let lock = fs_err::read_to_string(dir.join("pylock.cpu.toml")).unwrap();
    assert!(lock.contains("commit-id = "), "{lock}");
    let locked = apart.replace("    cpu:\n", "    cpu:\n      lock: pylock.cpu.toml\n");
    fs_err::write(dir.join("backend.yaml"), locked).unwrap();
    checkout.xtask_for_long(&["build-backend", "reader"]).expect(0).says("built reader");
    let said = asked(&package);
    assert!(said.ends_with(" red"), "{said}");
}
