//! `--output`: a directory, or an image that is the same to the byte.

use crate::checkout::{Checkout, listing};
use crate::child::{self, SHORT};
use std::process::Command;

#[test]
fn an_image_is_the_same_to_the_byte() {
    let checkout = Checkout::tiny();
    let first = checkout.root.join("one/tiny.oci.tar");
    let second = checkout.root.join("two.oci.tar");
    fs_err::create_dir_all(first.parent().unwrap()).unwrap();
    checkout.xtask(&["build-backend", "tiny", "--output", first.as_str()]).expect(0).says("holds sha256:");
    // Built anew in another checkout, not read back.
    let elsewhere = checkout.clone_to("elsewhere");
    elsewhere.xtask(&["build-backend", "tiny", "--no-cache", "--output", second.as_str()]).expect(0);
    assert!(fs_err::read(&first).unwrap() == fs_err::read(&second).unwrap(), "the images differ");

    let mut tar = Command::new("tar");
    tar.args(["--list", "--file", first.as_str()]);
    let members = child::run(tar, SHORT).expect(0).out;
    for member in ["oci-layout", "index.json", "manifest.json", "blobs/sha256/"] {
        assert!(members.contains(member), "{members}");
    }
}

#[test]
fn a_directory_is_the_package() {
    let checkout = Checkout::tiny();
    let output = checkout.root.join("out");
    checkout.xtask(&["build-backend", "tiny", "--output", output.as_str()]).expect(0);
    assert_eq!(listing(&checkout.package("tiny")), listing(&output));
    let answer = child::run(Command::new(output.join("run")), SHORT).expect(0).out;
    assert_eq!(answer, "hello, tiny\n42\ngoodbye\n");
}
