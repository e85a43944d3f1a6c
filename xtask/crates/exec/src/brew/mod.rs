//! Homebrew: what it has installed, read from its directories. Asking it takes seconds.

mod ready;
mod state;

pub use ready::{BrewError, make_ready};
pub use state::read;
