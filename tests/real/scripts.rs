//! A backend that its own Makefile builds: behind a fence, at one path, with a source in its place.

use crate::checkout::Checkout;
use crate::child;
use std::net::TcpListener;
use std::process::Command;

const MANIFEST: &str = "backend/go/tinyscript/backend.yaml";
const MAKEFILE: &str = "backend/go/tinyscript/Makefile";

/// Fences are namespaces, which some machines do not give to users: what is said there has a test of its own. Root has them.
fn has_fence() -> bool {
    let has = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "--net", "--", "mount", "--bind", "/tmp", "/mnt"])
        .status()
        .is_ok_and(|status| status.success());
    assert!(
        has || !rustix::process::getuid().is_root(),
        "root has no namespaces here, so that nothing would be tested"
    );
    has
}

fn digests(checkout: &Checkout) -> serde_json::Value {
    let text = fs_err::read_to_string(checkout.package("tinyscript").join("package.json")).unwrap();
    serde_json::from_str::<serde_json::Value>(&text).unwrap()
}

#[test]
fn a_makefile_builds_the_same_package_in_every_checkout() {
    let checkout = Checkout::families();
    if !has_fence() {
        let refused = checkout.xtask(&["build-backend", "tinyscript", "--realm", "native"]);
        refused.expect(1).says("--realm container");
        return;
    }
    checkout.xtask(&["build-backend", "tinyscript", "--strict"]).expect(0);
    let package = checkout.package("tinyscript");
    let said = child::run(Command::new(package.join("run")), child::SHORT).expect(0);
    assert_eq!(
        said.out.trim(),
        "hello, linux-amd64, from /mnt/build/script/src/backend/go/tinyscript/main.cpp"
    );
    assert!(package.join("licenses/greeting/LICENSE").is_file());
    let manifest = digests(&checkout);
    assert_eq!(manifest["host_shell"], true);
    checkout.xtask(&["build-backend", "tinyscript"]).expect(0).says("nothing to do");

    let other = checkout.clone_to("elsewhere/deeper");
    other.xtask(&["build-backend", "tinyscript", "--strict", "--force"]).expect(0);
    assert_eq!(digests(&other), manifest);
    let listed = checkout.xtask(&["list"]).expect(0);
    assert!(listed.out.contains("(script)"), "{}", listed.out);

    checkout.edit(MAKEFILE, "-O1 -g", "-O1");
    let why = checkout.xtask(&["why", "tinyscript"]).expect(0).out;
    assert!(why.contains(MAKEFILE), "{why}");
}

#[test]
fn nothing_is_reached_through_the_fence_and_a_network_floats() {
    let checkout = Checkout::families();
    if !has_fence() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let reach = format!("\texec 3<>/dev/tcp/127.0.0.1/{port}\n\tmkdir -p package\n");
    checkout.edit(MAKEFILE, "\tmkdir -p package\n", &reach);
    checkout.edit(MAKEFILE, "CXXFLAGS", "SHELL = /bin/bash\nCXXFLAGS");
    let fenced = checkout.xtask(&["build-backend", "tinyscript"]).expect(1);
    fenced.says("/dev/tcp/127.0.0.1");
    assert!(!checkout.xtask(&["list"]).expect(0).out.contains("floats"));

    checkout.edit(MANIFEST, "  output:", "  network: host\n  output:");
    checkout.xtask(&["build-backend", "tinyscript"]).expect(0);
    listener.accept().unwrap();
    assert!(checkout.xtask(&["list"]).expect(0).out.contains("(script, floats)"));
    assert!(checkout.xtask(&["plan", "tinyscript"]).expect(0).out.contains("floats   "));
}

#[test]
fn a_backend_s_own_tests_are_run_and_fail() {
    let checkout = Checkout::families();
    if !has_fence() {
        return;
    }
    checkout.edit(MAKEFILE, "grep -q hello", "grep -q farewell");
    let tested = checkout.xtask(&["test-backend", "tinyscript"]);
    tested.expect(1).says("test-1");
}
