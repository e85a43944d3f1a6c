//! Versions of tools and system packages, probed once and cached by the file's identity.

use camino::{Utf8Path, Utf8PathBuf};
use plan::plan::Fact;
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;

/// Where Debian keeps what is installed.
const DPKG_STATUS: &str = "/var/lib/dpkg/status";

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Identity {
    size: u64,
    mtime: (i64, i64),
    ctime: (i64, i64),
    inode: u64,
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Known {
    path: Utf8PathBuf,
    identity: Vec<Identity>,
    version: Option<String>,
}

/// Probed versions, kept in a file between runs.
#[derive(Debug)]
pub struct Facts {
    file: Utf8PathBuf,
    search: String,
    known: BTreeMap<String, Known>,
    /// What this run has looked up: many units ask for the same few tools.
    seen: BTreeMap<Fact, Option<String>>,
    changed: bool,
}

impl Facts {
    /// Opens the cache; a missing or unreadable file means that everything is probed again. Tools are looked for on
    /// `search`, a PATH.
    pub fn open(file: &Utf8Path, search: &str) -> Self {
        let known =
            fs_err::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Self {
            file: file.to_owned(),
            search: search.to_owned(),
            known,
            seen: BTreeMap::new(),
            changed: false,
        }
    }

    /// Versions of all of `facts` that are there, by name.
    pub fn get(&mut self, facts: &[Fact]) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for fact in facts {
            let version = match self.seen.get(fact) {
                Some(version) => version.clone(),
                None => self.look_up(fact),
            };
            if let Some(version) = version {
                found.insert(fact.name(), version);
            }
        }
        found
    }

    fn look_up(&mut self, fact: &Fact) -> Option<String> {
        let version = match fact {
            Fact::Tool(name) => self.tool(name),
            Fact::Package(name) => self.package(name),
            Fact::File { name, path } => self.file_content(name, path),
        };
        self.seen.insert(fact.clone(), version.clone());
        version
    }

    /// Keeps what was probed. A cache that cannot be written only costs time.
    pub fn save(&self) {
        if !self.changed {
            return;
        }
        let Some(dir) = self.file.parent() else { return };
        let Ok(json) = serde_json::to_vec(&self.known) else { return };
        let temporary = self.file.with_extension(format!("tmp-{}", std::process::id()));
        let written = fs_err::create_dir_all(dir)
            .and_then(|()| fs_err::write(&temporary, json))
            .and_then(|()| fs_err::rename(&temporary, &self.file));
        if written.is_err() {
            let _ = fs_err::remove_file(&temporary);
        }
    }

    fn tool(&mut self, name: &str) -> Option<String> {
        let path = find(name, &self.search)?;
        let toolchain = std::env::var("RUSTUP_TOOLCHAIN").unwrap_or_default();
        let key = if is_proxy(&path) { format!("tool {name} {toolchain}") } else { format!("tool {name}") };
        self.cached(&key, &path.clone(), || probe(name, &path))
    }

    fn package(&mut self, name: &str) -> Option<String> {
        let status = Utf8Path::new(DPKG_STATUS);
        self.cached(&format!("deb {name}"), status, || {
            fs_err::read_to_string(status).ok().and_then(|text| package_version(&text, name))
        })
    }

    fn file_content(&mut self, name: &str, path: &Utf8Path) -> Option<String> {
        self.cached(&format!("file {name}"), path, || {
            fs_err::read(path).ok().map(|bytes| blake3::hash(&bytes).to_hex()[..16].to_owned())
        })
    }

    fn cached(
        &mut self,
        key: &str,
        path: &Utf8Path,
        probe: impl FnOnce() -> Option<String>,
    ) -> Option<String> {
        let identity = identities(path)?;
        match self.known.get(key) {
            Some(known) if known.path == path && known.identity == identity => known.version.clone(),
            _ => {
                let version = probe();
                let known = Known { path: path.to_owned(), identity, version: version.clone() };
                self.known.insert(key.to_owned(), known);
                self.changed = true;
                version
            }
        }
    }
}

/// Whether rustup stands behind this name, and decides what it is at each call.
fn is_proxy(path: &Utf8Path) -> bool {
    matches!(path.file_name(), Some("cargo" | "rustc")) && path.with_file_name("rustup").exists()
}

/// The file itself and, for a proxy of rustup, what decides which toolchain is behind it and what changes with that.
fn identities(path: &Utf8Path) -> Option<Vec<Identity>> {
    let mut all = vec![identity(path)?];
    if is_proxy(path) {
        let var = |name: &str| std::env::var(name).ok().map(Utf8PathBuf::from);
        let home = var("RUSTUP_HOME").or_else(|| Some(var("HOME")?.join(".rustup")))?;
        all.extend(["settings.toml", "update-hashes"].iter().filter_map(|name| identity(&home.join(name))));
    }
    Some(all)
}

fn identity(path: &Utf8Path) -> Option<Identity> {
    let meta = fs_err::metadata(path).ok()?;
    Some(Identity {
        size: meta.size(),
        mtime: (meta.mtime(), meta.mtime_nsec()),
        ctime: (meta.ctime(), meta.ctime_nsec()),
        inode: meta.ino(),
    })
}

/// The version of a program on `search`, a PATH, asked for now.
pub fn probe_tool(name: &str, search: &str) -> Option<String> {
    probe(name, &find(name, search)?)
}

fn find(name: &str, search: &str) -> Option<Utf8PathBuf> {
    which::which_in(name, Some(search), "/").ok().and_then(|path| Utf8PathBuf::from_path_buf(path).ok())
}

/// The first line of what the tool says of its version.
fn probe(name: &str, path: &Utf8Path) -> Option<String> {
    let flag = if name == "go" { "version" } else { "--version" };
    let shell = xshell::Shell::new().ok()?;
    let text = xshell::cmd!(shell, "{path} {flag}").quiet().ignore_stderr().read().ok()?;
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    // `go version` ends with the host's platform, which is not part of the tool's identity.
    Some(line.trim().trim_start_matches("go version ").to_owned())
}

/// The version of an installed package in the text of dpkg's status file.
fn package_version(status: &str, name: &str) -> Option<String> {
    let wanted = format!("Package: {name}");
    status.split("\n\n").find_map(|stanza| {
        let mut lines = stanza.lines();
        if lines.next()?.trim_end() != wanted || !stanza.contains("\nStatus: install ok installed") {
            return None;
        }
        lines.find_map(|line| line.strip_prefix("Version: ")).map(|version| version.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_tool_is_probed_again_and_an_unchanged_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let tool = dir.join("tool");
        fs_err::write(&tool, "1").unwrap();
        let cache = dir.join("facts.json");
        let mut facts = Facts::open(&cache, "");
        assert_eq!(facts.cached("tool t", &tool, || Some("v1".into())).as_deref(), Some("v1"));
        facts.save();
        let mut facts = Facts::open(&cache, "");
        assert_eq!(facts.cached("tool t", &tool, || panic!("probed again")).as_deref(), Some("v1"));
        fs_err::remove_file(&tool).unwrap();
        fs_err::write(&tool, "22").unwrap();
        assert_eq!(facts.cached("tool t", &tool, || Some("v2".into())).as_deref(), Some("v2"));
    }

    #[test]
    fn a_file_is_known_by_its_content() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let header = dir.join("core.h");
        let fact = Fact::File { name: "headers".into(), path: header.clone() };
        let version = |text: &str| {
            fs_err::write(&header, text).unwrap();
            Facts::open(&dir.join("facts.json"), "").get(std::slice::from_ref(&fact)).remove("file:headers")
        };
        assert!(version("1").is_some_and(|digest| digest.len() == 16));
        assert_ne!(version("1"), version("2"));
        fs_err::remove_file(&header).unwrap();
        assert!(Facts::open(&dir.join("facts.json"), "").get(&[fact]).is_empty());
    }

    #[test]
    fn a_damaged_cache_is_as_good_as_none() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Utf8Path::from_path(dir.path()).unwrap().join("facts.json");
        fs_err::write(&cache, "{").unwrap();
        assert!(Facts::open(&cache, "").known.is_empty());
    }

    #[test]
    fn reads_installed_packages_only() {
        let status = "Package: a\nStatus: install ok installed\nVersion: 1\n\nPackage: b\nStatus: deinstall ok config-files\nVersion: 2\n\nPackage: c\nStatus: install ok installed\nVersion: 3\n";
        assert_eq!(package_version(status, "a").as_deref(), Some("1"));
        assert_eq!(package_version(status, "b"), None);
        assert_eq!(package_version(status, "c").as_deref(), Some("3"));
    }
}
