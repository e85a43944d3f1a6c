//! BuildKit through `docker buildx`: is it there and usable, run a definition, follow its progress.

mod bake;
mod builder;
mod error;
mod find;
pub mod progress;

pub use bake::{Bake, BakeError, Finished};
pub use builder::{Builder, Driver};
pub use error::BuildxError;
pub use find::{Buildx, find};

use model::text::version::Version;

/// The oldest buildx that works: `bake` reads contexts, metadata and standard input as it does today, and tells its
/// progress as JSON.
const OLDEST: Version = Version::new(0, 13);
/// Since this one `bake` knows `--allow=fs.read=…`; from 0.20 on it refuses to read outside of the working directory
/// without it.
const FILE_RIGHTS: Version = Version::new(0, 18);
