//! What editors and file managers leave beside the files that people write.

/// Whether a file of this path is nobody's work, and no input unless git has it.
pub fn is_leftover(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let swap = |end: &str| {
        end.len() == 3 && end.starts_with("sw") && end.ends_with(|c: char| c.is_ascii_lowercase())
    };
    // Vim tries out with the number whether it may write into the directory.
    matches!(name, ".DS_Store" | "4913")
        || name.ends_with('~')
        || name.starts_with(".#")
        || (name.len() > 1 && name.starts_with('#') && name.ends_with('#'))
        || (name.starts_with('.') && name.rsplit_once('.').is_some_and(|(_, end)| swap(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_known_by_their_names() {
        for name in [".main.go.swp", "a/.x.swo", ".DS_Store", "main.go~", "b/4913", ".#main.go", "#main.go#"]
        {
            assert!(is_leftover(name), "{name}");
        }
        for name in
            ["main.go", "swp", "a.swp", ".swift", "4913.go", "#", "#1", "~/x", ".gitignore", ".b.swim"]
        {
            assert!(!is_leftover(name), "{name}");
        }
    }
}
