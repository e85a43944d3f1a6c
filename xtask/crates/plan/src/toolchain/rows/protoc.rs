//! The protocol buffer compiler where the distribution's does not match.

use crate::toolchain::action::Action;
use crate::toolchain::call::Call;
use crate::toolchain::error::DepsError;
use model::platform::Arch;
use model::source::Pins;

/// Where its program goes.
pub(in crate::toolchain) const PROGRAM: &str = "/usr/local/bin/protoc";

/// What comes out of the release's archive.
pub(in crate::toolchain) fn release(arch: Arch, pins: Pins<'_>) -> Result<Vec<Action>, DepsError> {
    let tree = "/var/cache/xtask/protoc";
    let run = |call| Action::Run { call };
    let program = format!("{tree}/bin/protoc");
    Ok(vec![
        Action::tree(pins.source(&format!("protoc-{arch}"))?, tree)?,
        run(Call::root("install").args(["-D", "-m", "0755", &program, PROGRAM])),
        run(Call::root("mkdir").args(["-p", "/usr/local/include"])),
        run(Call::root("cp").args(["-R", &format!("{tree}/include/."), "/usr/local/include"])),
        run(Call::root("rm").args(["-rf", tree])),
    ])
}
