//! Builds through `docker buildx bake`: the client, how steps reach a network, one build and how it is shown.

mod contexts;
mod definition;
mod find;
mod job;
mod reach;
mod watch;

pub use contexts::{Contexts, add_source};
pub use definition::Definition;
pub use find::find;
pub use job::Job;
