//! The local content-addressed cache: digests, blobs, entries, locks, garbage collection.
//!
//! [`Scan`] turns globs into digests, reading only what changed since the last time. [`Store`] keeps finished trees
//! under keys that the caller computes: one process makes an entry, the others wait for it and restore it.
//!
//! ```
//! # fn main() -> store::Result<()> {
//! # let sandbox = tempfile::tempdir().map_err(|e| std::io::Error::other(e)).expect("a directory");
//! # let (root, dest) = (sandbox.path().join("repo"), sandbox.path().join("package"));
//! # std::fs::create_dir(&root).and_then(|()| std::fs::write(root.join("a.c"), "int a;")).expect("a file");
//! use model::{digest::Digest, key::Key};
//! use store::{GlobSpec, Meta, Reserved, Scan, Store};
//!
//! let store = Store::open(&sandbox.path().join("cache"))?;
//! let scan = Scan::new(&root, &store.stat_cache(&root), Box::new(store::All));
//! let inputs = scan.hash(&GlobSpec::new(["**/*.c"], ["build/**"])?)?;
//! scan.save()?;
//!
//! let document = format!("{:?}", inputs.files);
//! let key = Key::new(Digest::of(document.as_bytes()));
//! let entry = match store.reserve(&key, |pid| eprintln!("waiting for another build of the same key ({pid:?})"))? {
//!     Reserved::Hit(entry) => entry,
//!     Reserved::Vacant(reservation) => {
//!         let built = &root; // Build here.
//!         let meta = Meta { unit: "example".into(), built_in: std::time::Duration::ZERO };
//!         reservation.commit(built, document.as_bytes(), meta)?
//!     }
//! };
//! if !entry.is_restored_at(&dest) {
//!     entry.restore(&dest)?;
//! }
//! # Ok(())
//! # }
//! ```

mod atomic;
mod entry;
mod error;
#[doc(hidden)]
pub mod fuzzed;
mod inputs;
mod last;
mod layout;
mod lock;
mod parallel;
mod records;
mod rel_path;
pub mod shared;
mod space;
mod store;
pub mod tree;
mod turn;

pub use entry::Entry;
pub use entry::reservation::{Meta, Reservation};
pub use entry::restore::Restored;
pub use entry::stamp::restored_key;
pub use entry::verify::{Problem, Verified};
pub use error::{Error, Result};
pub use inputs::belonging::{All, Belonging, Unknown};
pub use inputs::glob::GlobSpec;
pub use inputs::stage::stage;
pub use inputs::stat_cache::Ignored;
pub use inputs::{Content, Input, Inputs, Scan};
pub use last::Last;
pub use rel_path::{NotARelPath, RelPath};
pub use space::gc::{Collected, Policy, Reason, Removed, What};
pub use space::owned::{OwnedDir, abandoned, collect_abandoned};
pub use space::survey::{Summary, Usage};
pub use store::{Reserved, Store};
pub use turn::Turn;
