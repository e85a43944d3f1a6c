//! CMake compiled from its release, for distributions whose package is too old.

use crate::cmd::Cmd;
use crate::toolchain::action::Install;
use model::arg::{Arg, Place};
use model::name::Label;
use model::source::Pin;

/// Where its program goes.
pub(in crate::toolchain) const PROGRAM: &str = "/usr/local/bin/cmake";

/// Compile and install.
pub(in crate::toolchain) fn source(pin: &Pin, build: Label) -> Vec<Install> {
    let build = Place::Build(build);
    let within = |program| Cmd::root(program).within(build.clone());
    let bootstrap = Arg::place(Place::Source(pin.name.clone())).then("/bootstrap");
    let cmds = [within("sh").arg(bootstrap), within("make"), within("make").arg("install")];
    cmds.map(Install::from).into()
}
