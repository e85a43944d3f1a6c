//! Mach-O files: what they say, new install names, ad-hoc signatures. Never panics, whatever the bytes are.
//!
//! Thin 64-bit files of little-endian machines, which are all that macOS still runs; [`slices`] finds them in fat files.
//!
//! ```no_run
//! use macho::{Change, Names, Object, head_len};
//!
//! let mut bytes: &[u8] = &std::fs::read("libcore.dylib")?;
//! let (head, size) = (&bytes[..head_len(bytes)?], bytes.len() as u64);
//! let object = Object::parse(head, size)?;
//! let names = Names { dylibs: vec!["@loader_path/libbase.dylib".into()], ..Names::of(&object) };
//! let change = Change::plan(head, size, &names, "libcore.dylib")?;
//! change.write(&mut bytes, &mut std::fs::File::create("lib/libcore.dylib")?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bytes;
mod change;
mod edit;
mod error;
mod fat;
mod layout;
mod object;
mod plan;
mod resolve;
mod sign;
mod verify;
mod version;

pub use change::Change;
pub use edit::Names;
pub use error::MachError;
pub use fat::{Slice, slices};
pub use layout::head_len;
pub use object::{Cpu, Dylib, Kind, Link, Object, Region};
pub use plan::{Fault, Target, faults, plan_names};
pub use resolve::{Loaded, candidates, is_system};
pub use verify::verify;
pub use version::Version;
