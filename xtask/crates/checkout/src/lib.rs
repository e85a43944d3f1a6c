//! What git knows of a checkout: its files, its revisions.
//!
//! [`Files`] says which files belong to it, from git's index and without starting git as long as there is no other file;
//! [`Git`] asks git.

mod files;
mod git;
pub mod index;
mod leftover;

pub use files::Files;
pub use git::{Git, GitError};
pub use leftover::is_leftover;
