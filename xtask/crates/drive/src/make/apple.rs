//! Apple's own tools over a package that was just made, on a Mac: extended attributes and quarantine go, and each file is
//! signed again by the tool that knows best what this macOS wants.

use crate::session::Session;
use camino::{Utf8Path, Utf8PathBuf};
use halt::Run;
use model::platform::{Os, Platform};
use std::io;
use std::process::Command;

/// Where they are.
pub struct Tools<'a> {
    /// Signs.
    pub codesign: &'a str,
    /// Clears attributes.
    pub xattr: &'a str,
}

/// Those of every Mac, whatever the PATH holds.
const SYSTEM: Tools<'static> = Tools { codesign: "/usr/bin/codesign", xattr: "/usr/bin/xattr" };
/// Those that a test puts on PATH.
const STAND_INS: Tools<'static> = Tools { codesign: "codesign", xattr: "xattr" };

/// Those that finish packages for a platform: none where no Mac makes them, and they are signed already.
pub fn tools(session: &Session, platform: Platform) -> Option<Tools<'static>> {
    match session.captured() {
        _ if platform.os != Os::Darwin => None,
        Some(_) => Some(STAND_INS),
        None => cfg!(target_os = "macos").then_some(SYSTEM),
    }
}

impl Tools<'_> {
    /// Clears the package's attributes, then signs its Mach-O files: a signature does not cover what comes after it.
    pub fn finish(&self, package: &Utf8Path, files: &[Utf8PathBuf]) -> io::Result<()> {
        run(self.xattr, &["-cr"], &[package.to_owned()])?;
        run(self.codesign, &["--force", "--sign", "-", "--timestamp=none"], files)
    }
}

fn run(program: &str, options: &[&str], files: &[Utf8PathBuf]) -> io::Result<()> {
    let mut command = Command::new(program);
    command.args(options).args(files);
    let output = Run::new(command).output().map_err(halt::ChildError::into_io)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{program} failed: {}", said.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn attributes_go_before_files_are_signed() {
        let temp = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(temp.path()).unwrap();
        let tool = |name: &str, last: &str| {
            let (path, log) = (dir.join(name), dir.join("log"));
            fs_err::write(&path, format!("#!/bin/sh\necho {name} \"$@\" >>'{log}'\n{last}\n")).unwrap();
            fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            path
        };
        let (codesign, xattr) = (tool("codesign", ":"), tool("xattr", ":"));
        let tools = Tools { codesign: codesign.as_str(), xattr: xattr.as_str() };
        tools.finish("/p".into(), &["/p/a b".into(), "/p/lib/c".into()]).unwrap();
        let log = fs_err::read_to_string(dir.join("log")).unwrap();
        assert_eq!(log, "xattr -cr /p\ncodesign --force --sign - --timestamp=none /p/a b /p/lib/c\n");
        tool("codesign", "echo 'no room' >&2; exit 1");
        let error = tools.finish("/p".into(), &[]).unwrap_err().to_string();
        assert!(error.ends_with("codesign failed: no room"), "{error}");
    }
}
