//! What a change touches, by the real program in real git repositories.

mod clones;
mod events;
mod history;
mod odd;
mod planner;
pub mod repository;
mod revisions;
mod rules;
