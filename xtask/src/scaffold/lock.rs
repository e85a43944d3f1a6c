//! `Cargo.lock`: its packages in the order that Cargo wants them in.

const HEAD: &str = "[[package]]\n";

/// The name of each package.
pub fn packages(text: &str) -> impl Iterator<Item = &str> {
    text.split(HEAD).skip(1).filter_map(name)
}

/// The same lock with its packages by name. Cargo takes a lock that is ordered otherwise for one that must change.
pub fn sorted(text: &str) -> String {
    let mut parts = text.trim_end().split(HEAD).map(str::trim_end);
    let head = parts.next().unwrap_or_default();
    let mut packages: Vec<&str> = parts.collect();
    // Stable: what has one name is in the order of its versions already.
    packages.sort_by_key(|package| name(package));
    let packages: Vec<String> = packages.iter().map(|package| format!("\n\n{HEAD}{package}")).collect();
    format!("{head}{}\n", packages.concat())
}

fn name(package: &str) -> Option<&str> {
    package.strip_prefix("name = \"")?.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = include_str!("../../../backend/rust/lexical/Cargo.lock");

    #[test]
    fn what_cargo_wrote_is_as_it_was() {
        assert_eq!(sorted(LOCK), LOCK);
        assert!(packages(LOCK).any(|name| name == "tokio"));
    }

    #[test]
    fn a_new_name_has_its_own_place() {
        let text = sorted(&LOCK.replace("name = \"lexical\"", "name = \"zzz\""));
        assert_eq!(packages(&text).last(), Some("zzz"));
        assert_eq!(text.len() + "lexical".len(), LOCK.len() + "zzz".len());
    }
}
