//! The Rust toolchain for images: distributions' are older than what backends are written for.

use crate::toolchain::action::Action;
use crate::toolchain::call::Call;
use crate::toolchain::error::DepsError;
use model::platform::Arch;
use model::source::Pins;

/// Where its programs go.
pub(in crate::toolchain) const PROGRAMS: [&str; 2] = ["/usr/local/bin/cargo", "/usr/local/bin/rustc"];

/// Install what compiles.
pub(in crate::toolchain) fn release(arch: Arch, pins: Pins<'_>) -> Result<Vec<Action>, DepsError> {
    let tree = "/var/cache/xtask/rust";
    let run = |call| Action::Run { call };
    let components = format!("--components=rustc,cargo,rust-std-{}-unknown-linux-gnu", arch.machine());
    Ok(vec![
        Action::tree(pins.source(&format!("rust-{arch}"))?, tree)?,
        run(Call::root("./install.sh")
            .args(["--prefix=/usr/local", "--disable-ldconfig", &components])
            .within(tree)),
        run(Call::root("rm").args(["-rf", tree])),
    ])
}
