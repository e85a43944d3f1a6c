//! The Rust toolchain for images: distributions' are older than what backends are written for.

use crate::toolchain::action::Action;
use crate::toolchain::call::Call;
use model::platform::Arch;
use model::source::Sha256;

/// The release, and the day of its directory.
pub(in crate::toolchain) const VERSION: &str = "1.95.0";
const DATE: &str = "2026-04-16";

/// Where its programs go.
pub(in crate::toolchain) const PROGRAMS: [&str; 2] = ["/usr/local/bin/cargo", "/usr/local/bin/rustc"];

/// Download, check, unpack, install what compiles.
pub(in crate::toolchain) fn release(arch: Arch) -> Option<Vec<Action>> {
    // As the channel's own manifest has them.
    let digest = match arch {
        Arch::Amd64 => "a47ac940abd12399d59ad15c877e7113fa35f2b9ec7e6a8a045d4fd8b9741dea",
        Arch::Arm64 => "3b9385d3144ac57616befa0ccbac524f857ba1b4ab074226e73a24d43568a98e",
    };
    let sha256: Sha256 = digest.parse().ok()?;
    let triple = format!("{}-unknown-linux-gnu", arch.machine());
    let archive = "/var/cache/xtask/rust.tar.gz".to_owned();
    let tree = "/var/cache/xtask/rust";
    let url = format!("https://static.rust-lang.org/dist/{DATE}/rust-{VERSION}-{triple}.tar.gz");
    let run = |call| Action::Run { call };
    let components = format!("--components=rustc,cargo,rust-std-{triple}");
    Some(vec![
        Action::Download { url, sha256, to: archive.clone() },
        run(Call::root("mkdir").args(["-p", tree])),
        run(Call::root("tar").args(["-xzf", &archive, "-C", tree, "--strip-components=1"])),
        run(Call::root("./install.sh")
            .args(["--prefix=/usr/local", "--disable-ldconfig", &components])
            .within(tree)),
        run(Call::root("rm").args(["-rf", &archive, tree])),
    ])
}
