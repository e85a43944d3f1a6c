//! Packages: shared-library closure, relocation, licences, checks.
//!
//! A package is a directory that runs in an empty root: `run` (a static launcher), its other name `run.sh`, `launch`
//! (what it reads), the programs, `lib/` with every library they need and the loader, `licenses/` and `package.json`.
//!
//! ```no_run
//! use pack::{Binary, License, PackageSpec, pack};
//!
//! let spec = PackageSpec {
//!     name: "llama-cpp".into(),
//!     variant: "cpu".into(),
//!     platform: "linux/amd64".parse()?,
//!     min_macos: None,
//!     calls: vec!["Predict".into(), "PredictStream".into()],
//!     key: "0123abcd".into(),
//!     versions: [("llama.cpp".into(), "0c1e570".into())].into(),
//!     binaries: vec![Binary::new("llama-cpp-fallback", "build/grpc-server")],
//!     libraries: vec![],
//!     library_tree: None,
//!     plugin_tree: None,
//!     vulkan_drivers: None,
//!     extra_libraries: vec!["libgomp.so.1".into()],
//!     host_libraries: vec![],
//!     host_shell: false,
//!     library_dirs: vec![],
//!     data: vec![],
//!     env: vec![],
//!     licenses: vec![License { component: "llama.cpp".into(), file: "LICENSE".into(), covers: vec![] }],
//!     links: Some("build/links".into()),
//! };
//! let manifest = pack(&spec, "package".into())?;
//! println!("{} files", manifest.files.len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

/// Raised whenever [`pack()`] makes another package of the same specification and the same files: part of every key.
pub const REVISION: u32 = 3;

pub mod carry;
mod check;
mod closure;
mod error;
mod given;
pub mod image;
mod launch;
mod licenses;
mod links;
mod make;
mod manifest;
mod paths;
mod relink;
mod scratch;
mod script;
mod spec;
mod stage;
mod system;
mod vulkan;

pub use check::{Fault, Violation, check};
pub use closure::{Closure, Lookup, Missing, Search, closure};
pub use error::PackError;
pub use launch::{LAUNCHER, LAUNCHER_SOURCES, RUN_FILE};
pub use links::linked;
pub use make::{Finish, pack, pack_with};
pub use manifest::{Component, Entry, MANIFEST_FILE, Manifest, Origin};
pub use scratch::Scratch;
pub use spec::{Binary, Data, EnvHow, EnvRule, License, PackageSpec};
pub use system::{Disk, library_dirs};
