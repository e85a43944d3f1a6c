//! Images that are not packages: builder bases and root images, from their bake files to the registry.

mod contexts;
mod entry;
mod job;
mod shared;
mod table;

pub use contexts::Contexts;
pub use entry::{SOURCES as ENTRY_SOURCES, ensure as ensure_entry};
pub use job::Job;
pub use shared::{Present, Shared};
pub use table::{presence, print_decision, print_table};
