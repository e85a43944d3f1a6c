//! What a builder holds, as data plus a pure planner: `install-base-deps`, base images and `builder-fromsource`
//! stages all run the plan that [`plan`] returns.

mod action;
mod common;
mod error;
mod family;
mod homebrew;
mod lower;
mod mac;
mod needs;
mod pending;
mod planner;
mod render;
mod request;
mod rows;
#[cfg(test)]
mod tests;
mod tool;
mod tree;

pub use action::{Install, InstallPlan, InstallStep, Probe};
pub use error::DepsError;
pub use family::Family;
pub use homebrew::{QUIET, brewfile, formulas_of, plan_mac};
pub(crate) use lower::apt_install;
pub use mac::{MacProblem, Wanted, mac_problems};
pub use needs::{has_gcc14, system_grpc_packages, tools_needed, vulkan_headers};
pub use pending::{Pending, PendingStep, State};
pub use planner::plan;
pub(crate) use render::script;
pub use render::{render_as_root, render_sh, render_steps};
pub use request::{Drivers, Request, Start};
pub use tool::Tool;
pub use tree::{Source, Trees};
