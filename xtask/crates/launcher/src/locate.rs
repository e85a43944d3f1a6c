//! Finds the package: the directory of this program that holds a launch description.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::LAUNCH_FILE;

/// A package and the text of its launch description.
#[derive(Debug)]
pub struct Located {
    /// The package's absolute path.
    pub package: PathBuf,
    /// The launch description's text.
    pub text: String,
}

/// Finds the package of the running program.
///
/// The kernel's answer (`/proc/self/exe`) comes first. An empty root has no `/proc`: there `argv[0]` counts, if it is a
/// path; a bare name is not searched for in `PATH`, which may lead to a different program.
pub fn locate(argv0: Option<&OsStr>) -> Result<Located, String> {
    let mut tried = Vec::new();
    let from_argv0 = argv0.map(Path::new).filter(|path| path.components().count() > 1);
    for exe in [env::current_exe().ok(), from_argv0.and_then(|path| fs::canonicalize(path).ok())] {
        let Some(package) = exe.as_deref().and_then(Path::parent) else { continue };
        let file = package.join(LAUNCH_FILE);
        match fs::read_to_string(&file) {
            Ok(text) => return Ok(Located { package: package.to_owned(), text }),
            Err(error) => tried.push(format!("{}: {error}", file.display())),
        }
    }
    if tried.is_empty() {
        return Err(
            "cannot tell where this program is: /proc is not mounted and it was started by its bare \
                    name; start it by its path, as in /path/to/package/run"
                .into(),
        );
    }
    Err(format!("no launch description beside this program ({}); is the package complete?", tried.join("; ")))
}
