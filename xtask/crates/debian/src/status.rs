//! Installed packages, and what they depend on.

use camino::Utf8Path;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// Where dpkg keeps what is installed, below the root.
pub const STATUS: &str = "var/lib/dpkg/status";

/// What only maintainers' scripts use: nothing of it is ever linked or carried along.
const SCRIPTING: [&str; 4] = ["debconf", "dpkg", "install-info", "ucf"];

/// The installed packages of one system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    packages: BTreeMap<String, Package>,
    /// Provided name → packages that provide it.
    provided: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Package {
    version: String,
    /// Each is a choice of names.
    depends: Vec<Vec<String>>,
}

impl Status {
    /// The packages of the system at `root`; none where dpkg is not at home.
    pub fn read(root: &Utf8Path) -> io::Result<Self> {
        match fs_err::read_to_string(root.join(STATUS)) {
            Ok(text) => Ok(Self::parse(&text, machine())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// The packages of a status file that are installed for `machine`, as dpkg calls it, or for all.
    pub fn parse(text: &str, machine: &str) -> Self {
        let mut status = Self::default();
        for stanza in text.split("\n\n") {
            status.add(stanza, machine);
        }
        status
    }

    fn add(&mut self, stanza: &str, machine: &str) {
        let (mut name, mut installed, mut ours) = ("", false, true);
        let (mut package, mut provides) = (Package::default(), "");
        for line in stanza.lines() {
            let Some((field, value)) = line.split_once(": ") else { continue };
            match field {
                "Package" => name = value.trim_end(),
                "Status" => installed = value.trim_end().ends_with(" ok installed"),
                "Architecture" => ours = ["all", machine].contains(&value.trim_end()),
                "Version" => value.trim_end().clone_into(&mut package.version),
                "Depends" | "Pre-Depends" => {
                    let choice = |group: &str| names(group, '|').map(str::to_owned).collect();
                    package.depends.extend(value.split(',').map(choice));
                }
                "Provides" => provides = value,
                _ => {}
            }
        }
        if installed && ours && !name.is_empty() {
            for provided in names(provides, ',') {
                self.provided.entry(provided.to_owned()).or_default().insert(name.to_owned());
            }
            self.packages.insert(name.to_owned(), package);
        }
    }

    /// The version of an installed package.
    pub fn version(&self, name: &str) -> Option<&str> {
        Some(self.packages.get(name)?.version.as_str())
    }

    /// Whether a package of that name is installed, or one that provides it.
    pub fn has(&self, name: &str) -> bool {
        self.packages.contains_key(name) || self.provided.contains_key(name)
    }

    /// The versions of a package and of all that it depends on, by name; none if it is not installed.
    ///
    /// Of a choice, whatever of it is installed counts.
    pub fn closure(&self, root: &str) -> Option<BTreeMap<&str, &str>> {
        let mut found = BTreeMap::new();
        let (root, _) = self.packages.get_key_value(root)?;
        let mut open = vec![root.as_str()];
        while let Some(name) = open.pop() {
            let Some(package) = self.packages.get(name).filter(|_| !found.contains_key(name)) else {
                continue;
            };
            found.insert(name, package.version.as_str());
            let wanted = package.depends.iter().flatten().map(String::as_str);
            for name in wanted.filter(|name| !SCRIPTING.contains(name)) {
                open.push(name);
                open.extend(self.provided.get(name).into_iter().flatten().map(String::as_str));
            }
        }
        Some(found)
    }
}

/// The bare names of a list: without versions, architectures and spaces.
fn names(list: &str, separator: char) -> impl Iterator<Item = &str> {
    list.split(separator)
        .map(|entry| entry.trim().split([' ', '(', ':']).next().unwrap_or_default())
        .filter(|name| !name.is_empty())
}

/// What dpkg calls this machine.
fn machine() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Package: python3\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.11\n\
        Depends: libpython (>= 3.11), media-types | mime-support, debconf (>= 0.5) | debconf-2.0\n\n\
        Package: libpython\nStatus: hold ok installed\nArchitecture: amd64\nVersion: 1:3\n\
        Pre-Depends: libc6 (>= 2), libssl:any\nDescription: what Depends: says\n Depends: nothing\n\n\
        Package: mime\nStatus: install ok installed\nArchitecture: all\nVersion: 4\nProvides: mime-support (= 4), m\n\n\
        Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36\n\n\
        Package: libc6\nStatus: install ok installed\nArchitecture: i386\nVersion: 9\n\n\
        Package: libssl\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 3.0\n\n\
        Package: debconf\nStatus: install ok installed\nArchitecture: all\nVersion: 1.5\n";

    #[test]
    fn a_closure_is_what_is_installed_of_what_is_depended_on() {
        let status = Status::parse(TEXT, "amd64");
        let closure = status.closure("python3").unwrap();
        let expected = [("libc6", "2.36"), ("libpython", "1:3"), ("mime", "4"), ("python3", "3.11")];
        assert_eq!(closure, expected.into());
        assert_eq!(status.closure("libssl"), None, "its configuration alone is there");
        assert_eq!(status.closure("mime-support"), None, "a name that is provided is no package");
    }

    #[test]
    fn counts_what_is_installed_and_what_it_provides() {
        let status = Status::parse(TEXT, "amd64");
        assert!(["python3", "m", "mime-support"].iter().all(|name| status.has(name)));
        assert!(!status.has("libssl") && !status.has("absent"));
        assert_eq!(status.version("libc6"), Some("2.36"), "of this machine's architecture");
        assert_eq!(Status::parse(TEXT, "i386").version("libc6"), Some("9"));
    }

    #[test]
    fn a_system_without_dpkg_has_no_packages() {
        let temp = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(temp.path()).unwrap();
        assert_eq!(Status::read(root).unwrap(), Status::default());
    }
}
