//! The tables: which packages and pins go with which request.

pub(super) mod base;
pub(super) mod cuda;
pub(super) mod oneapi;
pub(super) mod protoc;
pub(super) mod rocm;
pub(super) mod rust;
pub(super) mod vulkan;
