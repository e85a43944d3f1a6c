//! The name of a fetched tree: the pin's name and 16 hex digits of what is in it.

use crate::patch::Patch;
use model::source::{Pin, Upstream};

/// `<name>-<16 hex>`: the same for two pins only if tree, filter and patches are the same.
pub fn directory_name(pin: &Pin, patches: &[Patch]) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("xtask fetched source v1");
    let mut field = |name: &str, value: &[u8]| {
        hasher.update(name.as_bytes());
        hasher.update(&(value.len() as u64).to_le_bytes());
        hasher.update(value);
    };
    match (&pin.tree, &pin.upstream) {
        (Some(tree), _) => field("tree", tree.as_str().as_bytes()),
        (None, Upstream::Git { commit, .. }) => field("commit", commit.as_str().as_bytes()),
        (None, Upstream::GitTag { url, tag, .. }) => {
            field("url", url.as_bytes());
            field("tag", tag.as_bytes());
        }
        (None, Upstream::Archive { sha256, subdir, .. } | Upstream::Crate { sha256, subdir, .. }) => {
            field("archive", sha256.as_str().as_bytes());
            field("subdir", subdir.as_str().as_bytes());
        }
    }
    field("submodules", &[u8::from(pin.submodules)]);
    for glob in &pin.exclude {
        field("exclude", glob.as_bytes());
    }
    for patch in patches {
        field("patch", &patch.text);
    }
    let hex = hasher.finalize().to_hex();
    format!("{}-{}", pin.name, &hex[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pin;

    #[test]
    fn every_input_changes_the_name_and_nothing_else_does() {
        let patch = |text: &str| Patch { path: "p".into(), text: text.into() };
        let base = pin();
        let mut names = vec![directory_name(&base, &[])];
        assert!(names[0].starts_with("demo-") && names[0].len() == "demo-".len() + 16);
        let mut renamed = base.clone();
        renamed.version = "2".to_owned();
        renamed.license = "X".to_owned();
        assert_eq!(directory_name(&renamed, &[]), names[0]);

        let mut other = base.clone();
        other.tree = None;
        names.push(directory_name(&other, &[]));
        other.tree = Some("0".repeat(64).parse().unwrap());
        names.push(directory_name(&other, &[]));
        let mut other = base.clone();
        other.exclude.push("docs".to_owned());
        names.push(directory_name(&other, &[]));
        names.push(directory_name(&base, &[patch("a"), patch("b")]));
        names.push(directory_name(&base, &[patch("b"), patch("a")]));
        names.push(directory_name(&base, &[patch("ab")]));
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }
}
