//! What a builder holds, as data plus a pure planner: `install-base-deps`, base images and `builder-fromsource`
//! stages all run the plan that [`plan`] returns.

mod action;
mod call;
mod error;
pub mod grpc;
mod lower;
mod mirror;
mod needs;
mod pending;
mod planner;
mod render;
mod request;
mod rows;
mod runtime;
#[cfg(test)]
mod tests;
mod tool;
mod tree;

pub use action::{Action, AptRepository, InstallPlan, InstallStep, Probe};
pub use call::{Call, shell_word};
pub use error::DepsError;
pub use mirror::{AptMirror, MirrorError};
pub use needs::{has_gcc14, system_grpc_packages, tools_needed, vulkan_headers};
pub use pending::{Pending, PendingStep, State};
pub use planner::plan;
pub(crate) use render::script;
pub use render::{render_as_root, render_sh, render_steps};
pub use request::{CmakeFrom, Drivers, Family, Request, Start};
pub use tool::Tool;
pub use tree::{Source, Trees};
