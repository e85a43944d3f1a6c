//! Which Debian package owns a file, read from dpkg's own lists: no process, no lock.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};

use camino::{Utf8Path, Utf8PathBuf};

use crate::PackError;

/// The root under which dpkg's lists and licences lie; `/` but in tests.
pub struct Debian<'a> {
    root: &'a Utf8Path,
}

impl<'a> Debian<'a> {
    /// The Debian system at `root`.
    pub fn at(root: &'a Utf8Path) -> Self {
        Self { root }
    }

    /// The owners of files, by path; a file that no package owns is not in the answer.
    pub fn owners(&self, files: &BTreeSet<Utf8PathBuf>) -> Result<BTreeMap<Utf8PathBuf, String>, PackError> {
        let wanted: BTreeMap<&str, &Utf8PathBuf> =
            files.iter().map(|file| (merged(file.as_str()), file)).collect();
        let mut owners = BTreeMap::new();
        let lists = self.root.join("var/lib/dpkg/info");
        if wanted.is_empty() || !lists.is_dir() {
            return Ok(owners);
        }
        for entry in lists.read_dir_utf8()? {
            let entry = entry?;
            let Some(name) = entry.file_name().strip_suffix(".list") else { continue };
            let package = name.split(':').next().unwrap_or(name);
            for line in BufReader::new(fs_err::File::open(entry.path())?).split(b'\n') {
                let line = line?;
                let Ok(line) = std::str::from_utf8(&line) else { continue };
                if let Some(file) = wanted.get(merged(line)) {
                    owners.insert((*file).clone(), package.to_owned());
                }
            }
        }
        Ok(owners)
    }

    /// The versions of installed packages, by name.
    pub fn versions(&self) -> Result<BTreeMap<String, String>, PackError> {
        let mut versions = BTreeMap::new();
        let status = self.root.join("var/lib/dpkg/status");
        if !status.is_file() {
            return Ok(versions);
        }
        let mut package = String::new();
        for line in fs_err::read_to_string(status)?.lines() {
            if let Some(name) = line.strip_prefix("Package: ") {
                name.clone_into(&mut package);
            } else if let Some(version) = line.strip_prefix("Version: ") {
                versions.insert(package.clone(), version.to_owned());
            }
        }
        Ok(versions)
    }

    /// The licence text of a package.
    pub fn copyright(&self, package: &str) -> Option<Utf8PathBuf> {
        let file = self.root.join("usr/share/doc").join(package).join("copyright");
        file.is_file().then_some(file)
    }

    /// The texts of `/usr/share/common-licenses` that a licence refers to.
    pub fn common(&self, text: &str) -> Vec<Utf8PathBuf> {
        let shared = "/usr/share/common-licenses/";
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        let names: BTreeSet<&str> = text
            .split(shared)
            .skip(1)
            .map(|rest| &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())])
            .map(|name| name.trim_end_matches('.'))
            .filter(|name| !name.is_empty())
            .collect();
        let files = names.iter().map(|name| self.root.join(&shared[1..]).join(name));
        files.filter(|file| file.is_file()).collect()
    }
}

/// One spelling for a path before and after `/lib` became a link to `/usr/lib`.
fn merged(path: &str) -> &str {
    match path.strip_prefix("/usr") {
        Some(rest) if ["/lib", "/bin", "/sbin"].iter().any(|dir| rest.starts_with(dir)) => rest,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_found_on_either_side_of_the_usr_merge() {
        let temp = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(temp.path()).unwrap();
        let info = root.join("var/lib/dpkg/info");
        std::fs::create_dir_all(&info).unwrap();
        std::fs::write(info.join("libc6:amd64.list"), "/.\n/lib/x/libc.so.6\n").unwrap();
        std::fs::write(info.join("libfoo1.list"), "/usr/lib/x/libfoo.so.1.2\n").unwrap();
        std::fs::write(info.join("libfoo1.md5sums"), "/usr/lib/bar\n").unwrap();
        let status =
            "Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\n\nPackage: x\nVersion: 1\n";
        std::fs::write(root.join("var/lib/dpkg/status"), status).unwrap();
        assert_eq!(Debian::at(root).versions().unwrap()["libc6"], "2.36-9");
        let files = ["/usr/lib/x/libc.so.6", "/lib/x/libfoo.so.1.2", "/usr/lib/bar", "/usr/local/lib/x"];
        let owners = Debian::at(root).owners(&files.map(Utf8PathBuf::from).into()).unwrap();
        assert_eq!(owners.len(), 2);
        assert_eq!(owners[Utf8Path::new("/usr/lib/x/libc.so.6")], "libc6");
        assert_eq!(owners[Utf8Path::new("/lib/x/libfoo.so.1.2")], "libfoo1");
    }

    #[test]
    fn common_licences_are_found_by_name() {
        let temp = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(temp.path()).unwrap();
        let dir = root.join("usr/share/common-licenses");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("GPL-3"), "text").unwrap();
        let text = "see `/usr/share/common-licenses/GPL-3'. And /usr/share/common-licenses/None.";
        assert_eq!(Debian::at(root).common(text), [dir.join("GPL-3")]);
    }
}
