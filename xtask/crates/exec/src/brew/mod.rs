//! Homebrew: what it has installed, read from its directories. Asking it takes seconds.

mod state;

pub use state::read;
