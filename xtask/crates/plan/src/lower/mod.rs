//! From plans to what a realm runs.

pub mod bake;
