//! CMake compiled from its release, for distributions whose package is too old.

use crate::toolchain::action::Action;
use crate::toolchain::call::Call;
use crate::toolchain::error::DepsError;
use model::source::Pins;

/// Where its program goes.
pub(in crate::toolchain) const PROGRAM: &str = "/usr/local/bin/cmake";

/// Compile and install.
pub(in crate::toolchain) fn source(pins: Pins<'_>) -> Result<Vec<Action>, DepsError> {
    let tree = "/var/cache/xtask/cmake-source";
    let run = |call| Action::Run { call };
    Ok(vec![
        Action::tree(pins.source("cmake")?, tree)?,
        run(Call::root("./bootstrap").within(tree)),
        run(Call::root("make").within(tree)),
        run(Call::root("make").arg("install").within(tree)),
        run(Call::root("rm").args(["-rf", tree])),
    ])
}
