//! What can be done with a repository: each file holds some methods of [`crate::Client`].

mod attach;
mod attached;
mod blobs;
mod copy;
mod exists;
mod hash;
pub(crate) mod manifests;
pub(crate) mod quay;
mod referrers;
pub(crate) mod tags;
pub(crate) mod upload;
