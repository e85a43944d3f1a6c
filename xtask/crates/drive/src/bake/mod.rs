//! Builds through `docker buildx bake`: the client, how steps reach a network, one build and how it is shown.

mod find;
mod job;
mod reach;
mod watch;

pub use find::find;
pub use job::Job;
pub use reach::{Reach, reach};
