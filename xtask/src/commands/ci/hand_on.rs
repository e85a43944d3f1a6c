//! `ci hand-on` and `ci take-on`: one job compiles, the others use.

use crate::exit::Done;
use anyhow::Result;
use camino::Utf8Path;
use drive::error::Coded;
use drive::helpers::Helper;
use drive::session::Session;
use model::oci::{Algorithm, ImageDigest};
use model::platform::Os;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;

const XTASK: &str = "xtask";
/// Static programs that go into images: file name, and the beginning of the variable that says where one is.
const PROGRAMS: [(&str, &str); 2] = [("pack", "XTASK_PACKER"), ("entry", "XTASK_ENTRY")];

/// Collects this program and those that go into images of this machine's platform. What they are is told apart from them:
/// jobs can replace what others handed on.
pub fn hand_on(session: &Session, dir: &Utf8Path, output: Option<&Utf8Path>) -> Result<Done> {
    let dir = camino::absolute_utf8(dir)?;
    fs_err::create_dir_all(&dir)?;
    place(&drive::session::utf8(std::env::current_exe()?)?, &dir.join(XTASK))?;
    let platform = session.host.platform;
    if platform.os == Os::Linux {
        place(&Helper::Pack.directory(session, platform)?.join("pack"), &dir.join("pack"))?;
        place(&Helper::Entry.directory(session, platform)?.join("entry"), &dir.join("entry"))?;
    }
    let mut lines = "sums<<end\n".to_owned();
    for name in names(session) {
        let digest = ImageDigest::compute(Algorithm::Sha256, fs_err::File::open(dir.join(name))?)?;
        writeln!(lines, "{}  {name}", digest.hex())?;
    }
    ui::github::output(output, &(lines + "end\n"))?;
    session.ui.done(&format!("{dir} holds xtask for {platform}"));
    Ok(Done::Well)
}

/// What is handed on: static programs are for images, and images for Linux.
fn names(session: &Session) -> impl Iterator<Item = &'static str> {
    let linux = session.host.platform.os == Os::Linux;
    [XTASK].into_iter().chain(PROGRAMS.iter().map(|(name, _)| *name).filter(move |_| linux))
}

fn place(from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    let new = to.with_extension(format!("{}", std::process::id()));
    fs_err::copy(from, &new)?;
    Ok(fs_err::rename(&new, to)?)
}

/// Tells the steps behind this one where everything is.
pub fn take_on(session: &Session, dir: &Utf8Path) -> Result<Done> {
    let dir = camino::absolute_utf8(dir)?;
    if !dir.join(XTASK).is_file() {
        return Err(Coded::Usage(format!("there is no {XTASK} in {dir}: `ci hand-on` puts one there")).into());
    }
    let arch = session.host.platform.arch.as_str().to_uppercase();
    let mut lines = String::new();
    for (name, variable) in PROGRAMS {
        let program = dir.join(name);
        if names(session).any(|handed| handed == name) && program.is_file() {
            // Artifacts lose the bit.
            fs_err::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
            writeln!(lines, "{variable}_{arch}={program}")?;
        }
    }
    if ui::github::tell("GITHUB_PATH", &format!("{dir}\n"))? && ui::github::tell("GITHUB_ENV", &lines)? {
        session.ui.done(&format!("the steps that follow find xtask in {dir}"));
    } else {
        ui::print!("PATH={dir}:$PATH\n{lines}");
    }
    Ok(Done::Well)
}
