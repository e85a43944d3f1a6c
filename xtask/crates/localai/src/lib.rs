//! What serves repositories that are built as LocalAI is: the filter of a matrix written by hand, by rules that are data,
//! and the import of such a matrix into manifests.

pub mod filter;
pub mod import;
