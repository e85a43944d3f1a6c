//! What the manifests promise against what is published. Pure: registries are asked by whoever calls it.

mod compare;
mod finding;
mod promise;
mod seen;

#[cfg(test)]
mod tests;

pub use compare::{Report, compare};
pub use finding::{Finding, Group, What};
pub use promise::{Leg, Part, Promise, PromiseError, promises, resembles, roots};
pub use seen::{Entry, Files, Image, Named, Package, Seen, SeenRepository};
