//! The static program `entry` of root images: carried as sources, compiled by one call of rustc when an image needs it.

use crate::error::Coded;
use crate::session::{Session, utf8};
use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use model::platform::{Arch, Platform};
use std::os::unix::fs::PermissionsExt;

const PROGRAM: &str = "entry";

macro_rules! sources {
    ($($file:literal),*) => {
        /// The sources, by name: part of every root image's key.
        pub const SOURCES: &[(&str, &str)] =
            &[$(($file, include_str!(concat!("../../../entry/src/", $file)))),*];
    };
}
sources!("address.rs", "choose.rs", "frame.rs", "health.rs", "main.rs");

/// The directory that holds the program for a platform and nothing else: a build context.
///
/// It needs nothing of the image: no shell, no curl for the health check, no C library.
pub fn ensure(session: &Session, platform: Platform) -> Result<Utf8PathBuf> {
    let (arch, dir) = (platform.arch, session.root.join("target/entry").join(platform.arch.as_str()));
    let variable = format!("XTASK_ENTRY_{}", arch.as_str().to_uppercase());
    let given = std::env::var_os(&variable).filter(|path| !path.is_empty());
    let program = match given {
        Some(path) => {
            let path = camino::absolute_utf8(utf8(path.into())?)?;
            anyhow::ensure!(path.is_file(), Coded::Usage(format!("{variable}: there is no file {path}")));
            path
        }
        None if arch == session.host.platform.arch => compile(session, arch)?,
        None => {
            let here = session.host.platform.arch;
            return Err(Coded::Missing(format!(
                "a root image for {platform} needs the program `entry` for {arch}, and this machine compiles for {here} \
                 only: build the image on a machine of that kind, or set {variable} to a copy of the target/entry/{arch}/\
                 {PROGRAM} that such a machine made"
            ))
            .into());
        }
    };
    fs_err::create_dir_all(&dir)?;
    let (placed, wanted) = (dir.join(PROGRAM), fs_err::read(&program)?);
    if fs_err::read(&placed).ok().as_ref() != Some(&wanted) {
        // Another run may be reading the old one: it keeps that, under no name.
        let new = session.root.join(format!("target/entry/{arch}.{}", std::process::id()));
        fs_err::write(&new, wanted)?;
        fs_err::set_permissions(&new, std::fs::Permissions::from_mode(0o755))?;
        fs_err::rename(&new, &placed)?;
    }
    Ok(dir)
}

/// Compiles it, unless these sources are compiled already.
fn compile(session: &Session, arch: Arch) -> Result<Utf8PathBuf> {
    let digest = plan::root_image::digest_of(SOURCES);
    let dir = session.scratch("entry")?.join(format!("{arch}-{}", &digest[..16]));
    let program = dir.join(PROGRAM);
    if program.is_file() {
        return Ok(program);
    }
    let src = dir.join("src");
    fs_err::create_dir_all(&src)?;
    for (name, text) in SOURCES {
        fs_err::write(src.join(name), text)?;
    }
    let progress = session.ui.progress("entry program");
    let half = format!("{PROGRAM}.{}", std::process::id());
    // Relative source paths keep this machine's directories out of the program.
    let cmd = exec::places::Resolved::new("rustc", &dir)
        .args(["--edition=2024", "-Copt-level=s", "-Cpanic=abort", "-Cstrip=symbols"])
        .args(["-Ctarget-feature=+crt-static", "--target"])
        .args([format!("{}-unknown-linux-gnu", arch.machine()).as_str(), "-o", &half, "src/main.rs"]);
    exec::run::run(&cmd, &dir.join("build.log"), |line| progress.line(line))
        .context("cannot compile the entry program; its static link needs libc.a (Debian: libc6-dev)")?;
    progress.finish(&session.ui);
    fs_err::rename(dir.join(half), &program)?;
    Ok(program)
}
