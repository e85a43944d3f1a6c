//! From plans to what a realm runs.

pub mod bake;
mod carrier;
mod contexts;
mod image;
mod keep;
mod network;
mod script;
mod unit;

pub use carrier::{CompilerCache, DUMP, LOAD, MAX_BYTES};
pub use contexts::Contexts;
pub use image::{ImageBuild, ImageTo};
pub use network::{CA_FILE, CA_VARIABLES, Network, PROXIES, SECRETS};
pub use script::{build_sh, prepare_sh};
pub use unit::{Caches, UNIT, UnitBuild, carries};
