//! Whether an edit of a `.proto` file leaves what was there alone, and what of it keys hold.

mod addition;
mod contract;
mod frame;
mod scan;
mod space;
mod symbols;
mod word;

pub use contract::{BASELINE, CONTRACT, Contract};
pub use frame::adds_declarations_only;
pub use symbols::Symbols;

/// Every declaration of the previous text is still there, word for word. What an edit only adds is read by nobody yet.
pub fn is_additive(previous: &str, current: &str) -> bool {
    Symbols::of(current).holds(&Symbols::of(previous))
}
