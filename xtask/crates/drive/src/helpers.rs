//! Programs that a run compiles when it needs them: the static ones that go into images and builds, and the gRPC client.

use crate::error::Coded;
use crate::session::{Session, utf8};
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use exec::resolved::Resolved;
use model::platform::{Arch, Platform};
use plan::made::digest_of;
use std::os::unix::fs::PermissionsExt;

/// A static program that is handed to a build in a context of its own.
///
/// It is linked against glibc's own `libc.a`, as packages' launchers are: it starts on any image, whatever C library is in
/// there or none, with no shell, and needs no second target of the compiler, as musl would. What makes glibc warn of
/// static programs, names of users and hosts, these never ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Helper {
    /// `pack`, which packages inside of a container build.
    Pack,
    /// `entry`, which starts the backend of a root image: carried as sources.
    Entry,
}

macro_rules! sources {
    ($($file:literal),*) => {
        /// The sources of [`Helper::Entry`], by name: part of every root image's key.
        pub const ENTRY_SOURCES: &[(&str, &str)] =
            &[$(($file, include_str!(concat!("../../entry/src/", $file)))),*];
    };
}
sources!("address.rs", "choose.rs", "frame.rs", "health.rs", "main.rs");

impl Helper {
    /// The directory that holds it for a platform, and nothing else: a build context.
    pub fn directory(self, session: &Session, platform: Platform) -> Result<Utf8PathBuf> {
        let (arch, here) = (platform.arch, session.host.platform.arch);
        let program = match self.given(arch, |name| std::env::var_os(name))? {
            Some(program) => program,
            None if arch == here => self.compile(session, arch)?,
            None => return Err(Coded::Missing(self.elsewhere(platform, here)).into()),
        };
        let dir = session.root.join("target").join(self.place()).join(arch.as_str());
        fs_err::create_dir_all(&dir)?;
        let (placed, wanted) = (dir.join(self.name()), fs_err::read(&program)?);
        if fs_err::read(&placed).ok().as_ref() != Some(&wanted) {
            // Another run may be reading the old one: it keeps that, under no name.
            let new = dir.with_extension(std::process::id().to_string());
            fs_err::write(&new, wanted)?;
            fs_err::set_permissions(&new, std::fs::Permissions::from_mode(0o755))?;
            fs_err::rename(&new, &placed)?;
        }
        Ok(dir)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Pack => "pack",
            Self::Entry => "entry",
        }
    }

    /// The directory below `target`.
    fn place(self) -> &'static str {
        match self {
            Self::Pack => "packer",
            Self::Entry => "entry",
        }
    }

    /// The variable that names a program made elsewhere.
    fn variable(self, arch: Arch) -> String {
        format!("XTASK_{}_{}", self.place().to_uppercase(), arch.as_str().to_uppercase())
    }

    fn given(
        self,
        arch: Arch,
        variables: impl Fn(&str) -> Option<std::ffi::OsString>,
    ) -> Result<Option<Utf8PathBuf>> {
        let name = self.variable(arch);
        let Some(path) = variables(&name).filter(|path| !path.is_empty()) else { return Ok(None) };
        let path = camino::absolute_utf8(utf8(path.into())?)?;
        anyhow::ensure!(path.is_file(), Coded::Usage(format!("{name}: there is no file {path}")));
        Ok(Some(path))
    }

    fn elsewhere(self, platform: Platform, here: Arch) -> String {
        let (arch, variable) = (platform.arch, self.variable(platform.arch));
        match self {
            Self::Pack => format!(
                "packaging for {platform} needs the program `pack` for {arch}, and this machine makes it for {here} \
                 only: on a machine of that kind run `cargo rustc --package pack --bin pack -- -C \
                 target-feature=+crt-static` and set {variable} to a copy of target/debug/pack here, or build there with \
                 `--realm container`"
            ),
            Self::Entry => format!(
                "a root image for {platform} needs the program `entry` for {arch}, and this machine compiles for {here} \
                 only: build the image on a machine of that kind, or set {variable} to a copy of the \
                 target/entry/{arch}/entry that such a machine made"
            ),
        }
    }

    /// Compiles it for this machine.
    fn compile(self, session: &Session, arch: Arch) -> Result<Utf8PathBuf> {
        let compiled = match self {
            // Only the last link differs from a common build, so build scripts and procedural macros, which cannot be
            // linked so, are left alone.
            Self::Pack => {
                let before = ["rustc", "--locked", "--package", "pack", "--bin", "pack"];
                let behind = ["--", "-C", "target-feature=+crt-static", "-C", "strip=symbols"];
                cargo(session, "packer", "packer", &before, &behind).map(|debug| debug.join("pack"))
            }
            Self::Entry => entry(session, arch),
        };
        compiled.with_context(|| {
            let name = if self == Self::Pack { "packer" } else { "entry program" };
            format!("cannot compile the {name}; its static link needs libc.a (Debian: libc6-dev)")
        })
    }
}

/// The gRPC client behind `run-backend`, compiled if need be. Not static, and an async stack: it is no part of xtask.
pub fn client(session: &Session) -> Result<Utf8PathBuf> {
    let debug = cargo(session, "gRPC client", "client", &["build", "--package", "client"], &[]);
    Ok(debug.context("cannot compile the gRPC client")?.join("backend-client"))
}

/// Lets cargo build a program of this repository. The directory that it is in.
fn cargo(
    session: &Session,
    title: &str,
    name: &str,
    before: &[&str],
    behind: &[&str],
) -> Result<Utf8PathBuf> {
    let target = session.root.join("target/xtask");
    let mut cmd = Resolved::new("cargo", &session.root)
        .args(before.iter().copied())
        .args(["--target-dir", target.as_str()]);
    if session.offline {
        cmd.args.push("--offline".to_owned());
    }
    run(
        session,
        title,
        &cmd.args(behind.iter().copied()),
        &session.root.join("target").join(format!("{name}-build.log")),
    )?;
    Ok(target.join("debug"))
}

/// Compiles the sources of `entry`, unless they are compiled already.
fn entry(session: &Session, arch: Arch) -> Result<Utf8PathBuf> {
    let digest = digest_of(ENTRY_SOURCES);
    let dir = session.scratch("entry")?.join(format!("{arch}-{}", &digest[..16]));
    let program = dir.join("entry");
    if program.is_file() {
        return Ok(program);
    }
    let src = dir.join("src");
    fs_err::create_dir_all(&src)?;
    for (name, text) in ENTRY_SOURCES {
        fs_err::write(src.join(name), text)?;
    }
    let half = format!("entry.{}", std::process::id());
    // Relative source paths keep this machine's directories out of the program.
    let cmd = Resolved::new("rustc", &dir)
        .args(["--edition=2024", "-Copt-level=s", "-Cpanic=abort", "-Cstrip=symbols"])
        .args(["-Ctarget-feature=+crt-static", "--target"])
        .args([format!("{}-unknown-linux-gnu", arch.machine()).as_str(), "-o", &half, "src/main.rs"]);
    run(session, "entry program", &cmd, &dir.join("build.log"))?;
    fs_err::rename(dir.join(half), &program)?;
    Ok(program)
}

fn run(session: &Session, title: &str, cmd: &Resolved, log: &Utf8Path) -> Result<()> {
    if let Some(dir) = log.parent() {
        fs_err::create_dir_all(dir)?;
    }
    let progress = session.ui.progress(title);
    exec::run::run(cmd, log, |line| progress.line(line))?;
    progress.finish(&session.ui);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_made_elsewhere_is_named_by_a_variable() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap().to_owned();
        let set = |name: &str| (name == "XTASK_PACKER_ARM64").then(|| path.clone().into());
        assert_eq!(Helper::Pack.given(Arch::Arm64, set).unwrap().as_deref(), Some(Utf8Path::new(&path)));
        assert_eq!(Helper::Pack.given(Arch::Amd64, set).unwrap(), None);
        assert_eq!(Helper::Entry.given(Arch::Arm64, set).unwrap(), None);
        let missing = Helper::Entry.given(Arch::Arm64, |_| Some("/nowhere/entry".into())).unwrap_err();
        assert!(missing.to_string().contains("XTASK_ENTRY_ARM64: there is no file /nowhere/entry"));
    }
}
