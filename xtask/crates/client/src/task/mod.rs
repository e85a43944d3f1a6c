//! What a backend is asked to do, by kind of backend: plain functions over a client.

pub mod check;
mod embed;
mod generate;
mod model;
mod store;

pub use embed::{cosine, embed};
pub use generate::{Answer, Ending, stream};
pub use model::{Model, Origin, prepare};
pub use store::{Found, demo};
