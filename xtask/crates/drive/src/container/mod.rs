//! The container realm: contexts on disk, one `docker buildx bake`, the registry before and after it.

mod bake_file;
mod definition;
mod made;
mod options;
mod remote;
mod run;
mod stage;
mod work;

pub use bake_file::bake_file;
pub use options::{Asked, Containers};
pub(crate) use remote::Remote;
pub use run::ContainerRun;
pub(crate) use work::check;
