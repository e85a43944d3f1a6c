//! Images that are not packages: builder bases and root images, from their bake files to the registry.

mod bake;
mod contexts;
mod entry;
mod network;
mod shared;
mod table;

pub use bake::{Job, find_buildx};
pub use contexts::Contexts;
pub use entry::{SOURCES as ENTRY_SOURCES, ensure as ensure_entry};
pub use shared::{Present, Shared, parse};
pub use table::print_table;
