//! The static `pack` program that packages inside of a container build, compiled when the first one is about to begin.

use crate::error::Coded;
use crate::session::Session;
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use model::platform::{Arch, Platform};
use std::os::unix::fs::PermissionsExt;

const PROGRAM: &str = "pack";

/// The directory that holds `pack` for a platform, and nothing else: a build context.
///
/// It is linked statically against glibc's own `libc.a`, as packages' launchers are: it starts on any image, whatever
/// C library is in there or none, and needs no second target of the compiler, as musl would. What makes glibc warn of
/// static programs, names of users and hosts, it never asks for.
pub fn directory(session: &Session, platform: Platform) -> Result<Utf8PathBuf> {
    if let Some(given) = given(platform.arch, |name| std::env::var(name).ok())? {
        return beside(session, platform.arch, &given);
    }
    if platform.arch != session.host.platform.arch {
        let (arch, variable) = (platform.arch, variable(platform.arch));
        return Err(Coded::Missing(format!(
            "packaging for {platform} needs the program `pack` for {arch}, and this machine makes it for {} only: on a \
             machine of that kind run `cargo rustc --package pack --bin pack -- -C target-feature=+crt-static` and set \
             {variable} to a copy of target/debug/pack here, or build there with `--realm container`",
            session.host.platform.arch
        ))
        .into());
    }
    beside(session, platform.arch, &compile(session)?)
}

/// The variable that names a program made elsewhere.
fn variable(arch: Arch) -> String {
    format!("XTASK_PACKER_{}", arch.as_str().to_uppercase())
}

fn given(arch: Arch, variables: impl Fn(&str) -> Option<String>) -> Result<Option<Utf8PathBuf>> {
    let name = variable(arch);
    let Some(path) = variables(&name).filter(|path| !path.is_empty()) else { return Ok(None) };
    let path = camino::absolute_utf8(path)?;
    anyhow::ensure!(path.is_file(), Coded::Usage(format!("{name}: there is no file {path}")));
    Ok(Some(path))
}

/// Compiles it for this machine. Only the last link differs from a common build, so build scripts and procedural macros,
/// which cannot be linked so, are left alone.
fn compile(session: &Session) -> Result<Utf8PathBuf> {
    let target = session.root.join("target/xtask");
    let progress = session.ui.progress("packer");
    let log = session.root.join("target/packer-build.log");
    fs_err::create_dir_all(session.root.join("target"))?;
    let mut cmd = exec::places::Resolved::new("cargo", &session.root)
        .args(["rustc", "--locked", "--package", "pack", "--bin", PROGRAM])
        .args(["--target-dir", target.as_str()]);
    if session.offline {
        cmd.args.push("--offline".to_owned());
    }
    cmd = cmd.args(["--", "-C", "target-feature=+crt-static", "-C", "strip=symbols"]);
    exec::run::run(&cmd, &log, |line| progress.line(line))
        .context("cannot compile the packer; its static link needs libc.a (Debian: libc6-dev)")?;
    progress.finish(&session.ui);
    Ok(target.join("debug").join(PROGRAM))
}

/// Puts the program into a directory of its own, unless the same one is there.
fn beside(session: &Session, arch: Arch, program: &Utf8Path) -> Result<Utf8PathBuf> {
    let dir = session.root.join("target/packer").join(arch.as_str());
    fs_err::create_dir_all(&dir)?;
    let (placed, wanted) = (dir.join(PROGRAM), fs_err::read(program)?);
    if fs_err::read(&placed).ok().as_ref() != Some(&wanted) {
        // Another run may be reading the old one: it keeps that, under no name.
        let new = session.root.join(format!("target/packer/{arch}.{}", std::process::id()));
        fs_err::write(&new, wanted)?;
        fs_err::set_permissions(&new, std::fs::Permissions::from_mode(0o755))?;
        fs_err::rename(&new, &placed)?;
    }
    Ok(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_made_elsewhere_is_named_by_a_variable() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap().to_owned();
        let set = |name: &str| (name == "XTASK_PACKER_ARM64").then(|| path.clone());
        assert_eq!(given(Arch::Arm64, set).unwrap().as_deref(), Some(Utf8Path::new(&path)));
        assert_eq!(given(Arch::Amd64, set).unwrap(), None);
        let missing = given(Arch::Arm64, |_| Some("/nowhere/pack".to_owned())).unwrap_err();
        assert!(missing.to_string().contains("XTASK_PACKER_ARM64: there is no file /nowhere/pack"));
    }
}
