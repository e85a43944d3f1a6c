//! The protocol buffer compiler where the distribution's does not match.

use crate::toolchain::action::Action;
use crate::toolchain::call::Call;
use model::platform::Arch;
use model::source::Sha256;

/// The release that the reference's builders hold.
pub(in crate::toolchain) const VERSION: &str = "27.1";

/// Where its program goes.
pub(in crate::toolchain) const PROGRAM: &str = "/usr/local/bin/protoc";

/// Download, check, unpack.
pub(in crate::toolchain) fn release(arch: Arch) -> Option<Vec<Action>> {
    let (machine, digest) = match arch {
        Arch::Amd64 => ("x86_64", "8970e3d8bbd67d53768fe8c2e3971bdd71e51cfe2001ca06dacad17258a7dae3"),
        Arch::Arm64 => ("aarch_64", "8809c2ec85368c6b6e9af161b6771a153aa92670a24adbe46dd34fa02a04df2f"),
    };
    let sha256: Sha256 = digest.parse().ok()?;
    let archive = "/var/cache/xtask/protoc.zip".to_owned();
    let url = format!(
        "https://github.com/protocolbuffers/protobuf/releases/download/v{VERSION}/protoc-{VERSION}-linux-{machine}.zip"
    );
    let unzip =
        Call::root("unzip").args(["-q", "-o", &archive, "bin/protoc", "include/*", "-d", "/usr/local"]);
    let remove = Call::root("rm").arg(&archive);
    Some(vec![
        Action::Download { url, sha256, to: archive.clone() },
        Action::Run { call: unzip },
        Action::Run { call: remove },
    ])
}
