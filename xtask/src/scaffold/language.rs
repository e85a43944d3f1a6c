//! The languages that backends are written in.

use camino::Utf8PathBuf;
use clap::ValueEnum;
use std::fmt;

/// A language that backends are written in: the directory below `backend/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// C++, built by CMake.
    Cpp,
    /// Go, without cgo.
    Go,
    /// Python, from wheels.
    Python,
    /// Rust, a workspace of its own.
    Rust,
}

impl Language {
    /// All of them.
    #[cfg(test)]
    pub const ALL: [Self; 4] = [Self::Cpp, Self::Go, Self::Python, Self::Rust];

    /// As its directory is called.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cpp => "cpp",
            Self::Go => "go",
            Self::Python => "python",
            Self::Rust => "rust",
        }
    }

    /// Where its backends are, relative to the repository's root.
    pub fn dir(self) -> Utf8PathBuf {
        Utf8PathBuf::from("backend").join(self.as_str())
    }

    /// The file that a new backend's author changes first.
    pub fn heart(self) -> &'static str {
        match self {
            Self::Cpp => "src/embed.cpp",
            Self::Go => "internal/server/embed.go",
            Self::Python => "embed.py",
            Self::Rust => "src/embed.rs",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
