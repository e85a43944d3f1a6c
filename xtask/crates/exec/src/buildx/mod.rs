//! BuildKit through `docker buildx`: is it there and usable, run a definition, follow its progress.

mod bake;
mod builder;
mod error;
mod find;
pub mod progress;
mod version;

pub use bake::{Bake, BakeError, Finished};
pub use builder::{Builder, Driver};
pub use error::BuildxError;
pub use find::{Buildx, find};
pub use version::Version;
