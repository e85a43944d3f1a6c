//! A backend that its own Makefile builds, in a container: steps of ours reach what they need, its own reach nothing.

use crate::child::{self, SHORT};
use crate::runner::Runner;
use crate::testbed::Registry;
use std::process::Command;

const DIR: &str = "backend/cpp/tinyscript";

#[test]
fn a_makefile_builds_behind_a_fence() {
    let registry = Registry::start();
    let runner = Runner::families(&registry, "tinyscript");
    let root = &runner.checkout.root;
    // The tools of C++ are those of the other tests' builders.
    fs_err::rename(root.join("backend/go/tinyscript"), root.join(DIR)).unwrap();
    let manifest = root.join(DIR).join("backend.yaml");
    let text = fs_err::read_to_string(&manifest).unwrap().replace("backend/go/", "backend/cpp/");
    fs_err::write(manifest, text).unwrap();
    runner.checkout.edit(
        &format!("{DIR}/Makefile"),
        "\tcp server",
        "\tls /sys/class/net > package/networks\n\tcp server",
    );
    runner.build(&[]).expect(0).says("fromsource");
    let package = runner.package();
    let said = child::run(Command::new(package.join("run")), SHORT).expect(0);
    assert!(said.out.starts_with("hello, linux-"), "{}", said.out);
    assert_eq!(fs_err::read_to_string(package.join("app/networks")).unwrap(), "lo\n");
    assert!(package.join("licenses/greeting/LICENSE").is_file());
    runner.build(&[]).expect(0).says("nothing to do");
}
