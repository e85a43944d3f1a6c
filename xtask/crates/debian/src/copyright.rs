//! Licence texts of packages.

use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeSet;

/// The licence text of a package of the system at `root`.
pub fn copyright(root: &Utf8Path, package: &str) -> Option<Utf8PathBuf> {
    let file = root.join("usr/share/doc").join(package).join("copyright");
    file.is_file().then_some(file)
}

/// The texts of `/usr/share/common-licenses` that a licence refers to.
pub fn common_licenses(root: &Utf8Path, text: &str) -> Vec<Utf8PathBuf> {
    let shared = "/usr/share/common-licenses/";
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let names: BTreeSet<&str> = text
        .split(shared)
        .skip(1)
        .map(|rest| &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())])
        .map(|name| name.trim_end_matches('.'))
        .filter(|name| !name.is_empty())
        .collect();
    let files = names.iter().map(|name| root.join(&shared[1..]).join(name));
    files.filter(|file| file.is_file()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_licences_are_found_by_name() {
        let temp = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(temp.path()).unwrap();
        let dir = root.join("usr/share/common-licenses");
        fs_err::create_dir_all(&dir).unwrap();
        fs_err::write(dir.join("GPL-3"), "text").unwrap();
        let text = "see `/usr/share/common-licenses/GPL-3'. And /usr/share/common-licenses/None.";
        assert_eq!(common_licenses(root, text), [dir.join("GPL-3")]);
    }
}
