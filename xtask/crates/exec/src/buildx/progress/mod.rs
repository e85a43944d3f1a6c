//! Progress of a build as `--progress rawjson` tells it: one JSON object a line, read without trusting it.
//!
//! Pure: lines go in, events and a summary come out. Nothing here panics, whatever the lines hold.

mod event;
mod kind;
mod record;
mod summary;
mod tracker;
mod vertex;

pub use event::Event;
pub use kind::Kind;
pub use summary::Summary;
pub use tracker::Tracker;
pub use vertex::{State, Vertex};
