//! What dpkg knows of a Debian system, read from its own files: no process, no lock.

mod copyright;
mod owners;
mod status;

pub use copyright::{common_licenses, copyright};
pub use owners::owners;
pub use status::{STATUS, Status};
