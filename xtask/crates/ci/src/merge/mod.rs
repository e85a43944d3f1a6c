//! The merge: images of single platforms become one image for all of them, or nothing does.

mod index;
mod legs;
mod publish;

pub use index::{About, index};
pub use legs::{Found, Leg, Legs, LegsError};
pub use publish::{Act, Attachment, Holding, PublishError, Tagged, Wanted, acts};
