//! The Rust toolchain for images: distributions' are older than what backends are written for.

use crate::cmd::Cmd;
use crate::toolchain::action::Install;
use model::arg::{Arg, Place};
use model::platform::Arch;
use model::source::Pin;

/// Where its programs go.
pub(in crate::toolchain) const PROGRAMS: [&str; 2] = ["/usr/local/bin/cargo", "/usr/local/bin/rustc"];

/// Install what compiles.
pub(in crate::toolchain) fn release(arch: Arch, pin: &Pin) -> Vec<Install> {
    let install = Arg::place(Place::Source(pin.name.clone())).then("/install.sh");
    let components = format!("--components=rustc,cargo,rust-std-{}-unknown-linux-gnu", arch.machine());
    vec![Cmd::root(install).args(["--prefix=/usr/local", "--disable-ldconfig"]).arg(components).into()]
}
