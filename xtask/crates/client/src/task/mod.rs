//! What a backend is asked to do, by kind of backend: plain functions over a client.

mod embed;
mod generate;
mod kind;
mod model;
pub(crate) mod store;

pub use embed::{cosine, embed};
pub use generate::{Answer, Ending, stream};
pub use kind::Task;
pub use model::{Model, Origin, Place, prepare};
pub use store::{Found, demo};
