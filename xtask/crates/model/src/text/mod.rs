//! What texts mean: paths, versions, names that are nearly right, YAML.

pub mod normal;
pub mod paths;
pub mod suggest;
pub mod version;
pub mod yaml;
