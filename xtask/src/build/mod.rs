//! From plans to packages: measure, look up, build what is missing, pack, commit, restore.

mod account;
mod belonging;
mod ccache;
mod census;
mod contract;
mod copy;
mod dependencies;
mod export;
mod guard;
pub mod install;
mod many;
mod measure;
mod options;
mod packaging;
mod prepare;
pub mod results;
mod room;
mod snapshot;
pub mod sources;
mod steps;
mod summary;
mod timings;
mod unit;

pub use account::told as told_unaccounted;
pub use census::{Published, census, keys};
pub use copy::file as copy_file;
pub use export::{export, load};
pub use many::build_all;
pub use measure::{Keyed, measure};
pub use options::Options;
pub use packaging::container as container_package;
pub use snapshot::{Snapshot, named};
pub use steps::remove;
pub use summary::{Built, How, Layers, Pushed};
pub use timings::Timings;
pub use unit::turn;
