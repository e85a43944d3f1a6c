//! From plans to what a realm runs.

pub mod bake;
mod directories;
mod keep;
mod script;
mod word;

pub use directories::Directories;
pub use script::build_sh;
