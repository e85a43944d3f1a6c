//! The container realm's side of a plan: what a unit starts from, and by which of the two ways.

mod builder;
mod builder_image;
mod choose;

pub use builder::Builder;
pub(crate) use builder_image::BuilderImages;
pub use builder_image::{BuilderImage, Ingredients, InstalledStep};
pub use choose::{BuilderChoice, ChoiceError, choose};

use model::oci::ImageDigest;
use std::sync::Arc;

/// How a unit is built in a container.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Container {
    /// What the builder is made of; the same whichever way it is come by.
    #[serde(serialize_with = "shared")]
    pub base: Arc<BuilderImage>,
    /// Which way that is.
    pub builder: Builder,
    /// The prebuilt image that was looked at, so that no other takes its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageDigest>,
    /// Why that way.
    pub reason: String,
    /// What stands in the key for the template of the unit's own steps.
    pub template: Option<String>,
}

fn shared<S: serde::Serializer>(base: &Arc<BuilderImage>, serializer: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(&**base, serializer)
}
