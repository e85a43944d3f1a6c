//! What serves repositories that are built as LocalAI is: the filter of a matrix written by hand, by rules that are data,
//! the import of such a matrix, and manifests for the whole tree.

pub mod adopt;
pub mod filter;
pub mod import;
