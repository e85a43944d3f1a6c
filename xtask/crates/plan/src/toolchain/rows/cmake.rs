//! CMake compiled from its release, for distributions whose package is too old.

use crate::toolchain::action::Action;
use crate::toolchain::call::Call;
use model::source::Sha256;

/// The release that the reference's builders compile.
pub(in crate::toolchain) const VERSION: &str = "3.31.10";

/// Where its program goes.
pub(in crate::toolchain) const PROGRAM: &str = "/usr/local/bin/cmake";

/// Download, check, compile, install.
pub(in crate::toolchain) fn source() -> Option<Vec<Action>> {
    let sha256: Sha256 = "cf06fadfd6d41fa8e1ade5099e54976d1d844fd1487ab99942341f91b13d3e29".parse().ok()?;
    let archive = "/var/cache/xtask/cmake.tar.gz".to_owned();
    let tree = "/var/cache/xtask/cmake-source";
    let url = format!("https://github.com/Kitware/CMake/releases/download/v{VERSION}/cmake-{VERSION}.tar.gz");
    let run = |call| Action::Run { call };
    Some(vec![
        Action::Download { url, sha256, to: archive.clone() },
        run(Call::root("mkdir").args(["-p", tree])),
        run(Call::root("tar").args(["-xzf", &archive, "-C", tree, "--strip-components=1"])),
        run(Call::root("./bootstrap").within(tree)),
        run(Call::root("make").within(tree)),
        run(Call::root("make").arg("install").within(tree)),
        run(Call::root("rm").args(["-rf", &archive, tree])),
    ])
}
