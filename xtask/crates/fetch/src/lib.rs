//! Sources: a pin becomes a verified, filtered, patched tree at a path that stays the same.
//!
//! [`Fetcher::ensure`] is the one way in. It tries the pin's mirrors in order, then its upstream; whatever one of them
//! yields is checked against the pin before anybody sees it. See [`tree`] for what the checksum of a tree is.

mod ask;
mod check;
mod download;
mod edit;
mod error;
mod fetcher;
#[doc(hidden)]
pub mod fuzzed;
mod git;
mod identity;
mod io_error;
mod lock;
mod mirror;
mod netrc;
mod patch;
mod patience;
mod pypi;
mod report;
mod run;
mod select;
#[cfg(test)]
mod testing;
pub mod tree;
pub mod unpack;
mod update;
mod wheel;

pub use check::{Cached, Report};
pub use edit::{Change, EditError, edit};
pub use error::{Attempt, Exhausted, FetchError, MirrorError};
pub use fetcher::{Fetcher, Tree, override_variable};
pub use identity::directory_name;
pub use io_error::IoError;
pub use patch::{Patch, read as read_patches};
pub use patience::Transfer;
pub use report::{Event, Reporter, Silent};
pub use select::{Exclude, Selection};
pub use transfer::redact;
pub use update::Update;
