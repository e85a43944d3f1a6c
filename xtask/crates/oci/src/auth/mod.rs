//! Who we are to a registry, and what it wants to see.

pub(crate) mod access;
pub(crate) mod challenge;
pub(crate) mod credentials;
pub(crate) mod docker;
pub(crate) mod helper;
pub(crate) mod host;
