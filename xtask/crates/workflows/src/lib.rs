//! The workflows and composite actions of this repository: typed data in, YAML files out.
//!
//! Pure: the caller says the few facts that come from the manifests, and reads and writes the files.

pub mod action;
pub mod catalog;
pub mod command;
pub mod compare;
pub mod facts;
pub mod files;
pub mod job;
pub mod render;
pub mod step;
pub mod workflow;

#[cfg(test)]
mod rules;
