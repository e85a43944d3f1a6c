//! What a store holds, what of it is given up, and who works in it.

pub(crate) mod gc;
pub(crate) mod listing;
pub(crate) mod owned;
pub(crate) mod survey;
