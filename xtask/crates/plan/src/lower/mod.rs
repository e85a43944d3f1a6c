//! From plans to what a realm runs.

pub mod bake;
mod base;
mod carrier;
mod directories;
mod image;
mod keep;
mod network;
mod root;
mod script;
mod unit;
mod word;

pub use base::BaseBuild;
pub use carrier::{CompilerCache, DUMP, LOAD, MAX_BYTES};
pub use directories::Directories;
pub use image::ImageBuild;
pub use network::{CA_FILE, CA_VARIABLES, Network, PROXIES, SECRETS};
pub use root::{RootBuild, RootTo};
pub use script::build_sh;
pub use unit::{Caches, Contexts, UNIT, UnitBuild, carries};
