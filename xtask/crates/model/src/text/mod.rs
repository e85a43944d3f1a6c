//! What texts mean: names, paths, versions, YAML and its mappings.

pub mod choice;
pub mod normal;
pub mod one_key;
pub mod path;
pub mod paths;
pub mod suggest;
pub mod table;
pub mod version;
pub mod yaml;
