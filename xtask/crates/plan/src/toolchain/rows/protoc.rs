//! The protocol buffer compiler where the distribution's does not match.

use crate::cmd::Cmd;
use crate::toolchain::action::Install;
use model::arg::{Arg, Place};
use model::source::Pin;

/// Where its program goes.
pub(in crate::toolchain) const PROGRAM: &str = "/usr/local/bin/protoc";

/// What comes out of the release's archive.
pub(in crate::toolchain) fn release(pin: &Pin) -> Vec<Install> {
    let tree = |below: &str| Arg::place(Place::Source(pin.name.clone())).then(below);
    let program = Cmd::root("install").args(["-D", "-m", "0755"]).arg(tree("/bin/protoc")).arg(PROGRAM);
    let make = Cmd::root("mkdir").args(["-p", "/usr/local/include"]);
    let include = Cmd::root("cp").arg("-R").arg(tree("/include/.")).arg("/usr/local/include");
    [program, make, include].map(Install::from).into()
}
