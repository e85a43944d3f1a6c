//! What can be wrong with a package.

use std::fmt;

use camino::Utf8PathBuf;

/// A fault of one file of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The file, relative to the package.
    pub file: Utf8PathBuf,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It needs a library that the package does not hold.
    Unresolved {
        /// The library.
        name: String,
        /// From the file that starts it to the one that needs it.
        chain: Vec<Utf8PathBuf>,
        /// Where this machine was searched, if the package was just made.
        searched: Vec<Utf8PathBuf>,
    },
    /// It needs a symbol version that the packaged library does not define.
    Version {
        /// The library.
        library: String,
        /// The version.
        version: String,
        /// The last version of the same family that the library defines.
        newest: String,
    },
    /// Its run path leaves the package.
    RunPath(
        /// The entry.
        String,
    ),
    /// It is made for something else.
    Machine {
        /// What the package is for.
        expected: String,
        /// What the file is for.
        found: String,
    },
    /// It is a Mach-O file, and something about it holds on this machine only, or nowhere.
    MachO(
        /// What.
        String,
    ),
    /// The launch description names it but it is not there.
    Missing,
    /// It is started but may not be executed.
    NotExecutable,
    /// It is started but is no program of this platform.
    NotAProgram(
        /// Why not.
        &'static str,
    ),
    /// A link to nothing.
    Dangling(
        /// Its target.
        Utf8PathBuf,
    ),
    /// A link out of the package.
    Outside(
        /// Its target.
        Utf8PathBuf,
    ),
    /// It is neither a file, a directory nor a link.
    Special,
    /// Setuid, setgid or writable by others.
    Mode(
        /// Its permissions.
        u32,
    ),
    /// Nothing says under which licence it may be passed on.
    Unlicensed(
        /// What is missing.
        String,
    ),
    /// It should be an object file or a description but cannot be read.
    Malformed(
        /// Why not.
        String,
    ),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.fault)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unresolved { name, chain, searched } => {
                write!(f, "needs {name}, which is not in the package")?;
                if chain.len() > 1 {
                    write!(f, " ({})", join(chain, " needs "))?;
                }
                if !searched.is_empty() {
                    write!(f, "; it was looked for in {}", join(searched, ", "))?;
                }
                f.write_str("; install it, add its directory to `library_dirs`, or leave it to the host")
            }
            Self::Version { library, version, newest } => {
                write!(f, "needs {version} of {library}, but the packaged one has {newest}")?;
                f.write_str("; build on the machine whose libraries are packaged")
            }
            Self::RunPath(entry) => {
                write!(f, "its run path holds `{entry}`, which is not inside the package")
            }
            Self::Machine { expected, found } => {
                write!(f, "is made for {found}; the package is for {expected}")
            }
            Self::Missing => f.write_str("is to be started but is not in the package"),
            Self::NotExecutable => f.write_str("is to be started but is not executable"),
            Self::NotAProgram(reason) => write!(f, "is to be started but {reason}"),
            Self::Dangling(target) => write!(f, "points at {target}, which does not exist"),
            Self::Outside(target) => write!(f, "points at {target}, outside of the package"),
            Self::Special => f.write_str("is neither a file, a directory nor a link"),
            Self::Mode(mode) => {
                write!(f, "has mode {mode:04o}; expected no setuid, no setgid, nothing writable by others")
            }
            Self::MachO(what) | Self::Unlicensed(what) | Self::Malformed(what) => f.write_str(what),
        }
    }
}

fn join(paths: &[Utf8PathBuf], between: &str) -> String {
    paths.iter().map(|path| path.as_str()).collect::<Vec<_>>().join(between)
}

/// One line per violation.
pub(crate) fn list(violations: &[Violation]) -> String {
    violations.iter().map(|violation| format!("  {violation}")).collect::<Vec<_>>().join("\n")
}
