//! The dependencies that a Cargo manifest of this repository names.

use super::spots;
use plan::manifest::Spot;

/// One dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// Only tests need it.
    pub dev: bool,
    /// Where it stands.
    pub spot: Spot,
}

/// All dependencies, those of tests and build scripts included.
pub fn dependencies(text: &str) -> Vec<Dependency> {
    let mut section = "";
    let mut found = Vec::new();
    for (number, line) in spots::numbered(text) {
        let trimmed = line.trim();
        if let Some(name) = trimmed.strip_prefix('[') {
            section = name.trim_end_matches(']');
            // `[dependencies.name]` is a section of its own.
            if let Some((table, name)) = section.split_once("dependencies.") {
                found.push(Dependency {
                    name: name.to_owned(),
                    dev: table == "dev-",
                    spot: spots::of(number, line, name),
                });
            }
            continue;
        }
        if !section.ends_with("dependencies") || section.starts_with("workspace") {
            continue;
        }
        let name = trimmed.split(['.', ' ', '=']).next().unwrap_or_default();
        if !name.is_empty() && !name.starts_with('#') {
            let dev = section == "dev-dependencies";
            found.push(Dependency { name: name.to_owned(), dev, spot: spots::of(number, line, name) });
        }
    }
    found
}
