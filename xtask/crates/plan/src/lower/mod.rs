//! From plans to what a realm runs.

pub mod bake;
mod base;
mod directories;
mod keep;
mod root;
mod script;
mod word;

pub use base::BaseBuild;
pub use directories::Directories;
pub use root::{RootBuild, RootTo};
pub use script::build_sh;
