//! A registry of a test's own, on a free port, and what it holds.

use super::daemon::Daemon;
use super::tools::Tools;
use crate::checkout::{listing, temporary};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeSet;
use std::process::Command;
use tempfile::TempDir;
use walkdir::WalkDir;

/// A running registry. Storage and process go with the value.
pub struct Registry {
    deletes: bool,
    address: String,
    storage: Utf8PathBuf,
    work: Utf8PathBuf,
    daemon: Option<Daemon>,
    dir: Option<TempDir>,
}

impl Registry {
    /// An empty one.
    pub fn start() -> Self {
        let (dir, work) = temporary();
        let mut registry = Self::on(work.join("storage"), work);
        registry.dir = Some(dir);
        registry
    }

    /// An empty one that deletes nothing, as registries are by default.
    pub fn without_deletion() -> Self {
        let (dir, work) = temporary();
        let mut registry = Self::serving(work.join("storage"), work, false);
        registry.dir = Some(dir);
        registry
    }

    /// One that holds what `other` holds now, and shares no file that either changes.
    pub fn like(other: &Self) -> Self {
        let (dir, work) = temporary();
        let storage = work.join("storage");
        copy(&other.storage, &storage);
        let mut registry = Self::on(storage, work);
        registry.dir = Some(dir);
        registry
    }

    /// One on storage that stays.
    pub fn on(storage: Utf8PathBuf, work: Utf8PathBuf) -> Self {
        Self::serving(storage, work, true)
    }

    fn serving(storage: Utf8PathBuf, work: Utf8PathBuf, deletes: bool) -> Self {
        fs_err::create_dir_all(&storage).unwrap();
        fs_err::create_dir_all(&work).unwrap();
        let (daemon, address) = serve(&storage, &work, "127.0.0.1:0", deletes);
        Self { deletes, address, storage, work, daemon: Some(daemon), dir: None }
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A repository in it, as it is written in an image's name.
    pub fn repository(&self, name: &str) -> String {
        format!("{}/{name}", self.address)
    }

    /// Ends the process; connections are refused from now on.
    pub fn stop(&mut self) {
        self.daemon = None;
    }

    /// Starts it again where it was.
    pub fn restart(&mut self) {
        self.daemon = None;
        let (daemon, address) = serve(&self.storage, &self.work, &self.address, self.deletes);
        assert_eq!(address, self.address);
        self.daemon = Some(daemon);
    }

    /// The tags of a repository.
    pub fn tags(&self, repository: &str) -> BTreeSet<String> {
        let tags = self.repositories().join(repository).join("_manifests/tags");
        let Ok(entries) = tags.read_dir_utf8() else { return BTreeSet::new() };
        entries.map(|entry| entry.unwrap().file_name().to_owned()).collect()
    }

    /// What a tag refers to.
    #[track_caller]
    pub fn digest(&self, repository: &str, tag: &str) -> String {
        let link = self.tag_dir(repository, tag).join("current/link");
        fs_err::read_to_string(link).unwrap().trim().to_owned()
    }

    /// Forgets a tag, as if it had never been there.
    #[track_caller]
    pub fn forget(&self, repository: &str, tag: &str) {
        fs_err::remove_dir_all(self.tag_dir(repository, tag)).unwrap();
    }

    /// Forgets a blob of a repository, by the digits of its digest; other repositories keep it.
    #[track_caller]
    pub fn forget_blob(&self, repository: &str, digits: &str) {
        let link = self.repositories().join(repository).join("_layers/sha256").join(digits);
        fs_err::remove_dir_all(link).unwrap();
    }

    fn tag_dir(&self, repository: &str, tag: &str) -> Utf8PathBuf {
        self.repositories().join(repository).join("_manifests/tags").join(tag)
    }

    fn repositories(&self) -> Utf8PathBuf {
        self.storage.join("docker/registry/v2/repositories")
    }

    /// Every file of its storage with the digest of its content, for comparisons.
    pub fn snapshot(&self) -> Vec<(String, String)> {
        listing(&self.storage)
    }
}

fn serve(storage: &Utf8Path, work: &Utf8Path, address: &str, deletes: bool) -> (Daemon, String) {
    let config = work.join("registry.yaml");
    let text = format!(
        "version: 0.1\nlog: {{level: info, accesslog: {{disabled: true}}}}\n\
         storage: {{filesystem: {{rootdirectory: {storage}}}, delete: {{enabled: {deletes}}}}}\n\
         http: {{addr: \"{address}\", secret: loopback}}\n"
    );
    fs_err::write(&config, text).unwrap();
    let mut command = Command::new(Tools::get().bin().join("docker-registry"));
    command.args(["serve", config.as_str()]).env("OTEL_TRACES_EXPORTER", "none");
    let ready = "listening on ";
    let (daemon, line) = Daemon::start(&command, ready, &work.join("registry.log"));
    let (_, rest) = line.split_once(ready).unwrap();
    let end = rest.find(|c: char| c != '.' && c != ':' && !c.is_ascii_digit()).unwrap_or(rest.len());
    (daemon, rest[..end].to_owned())
}

/// Copies storage. Blobs never change under their name, so they are linked.
fn copy(from: &Utf8Path, to: &Utf8Path) {
    for entry in WalkDir::new(from) {
        let entry = entry.unwrap();
        let path = Utf8Path::from_path(entry.path()).unwrap();
        let target = to.join(path.strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs_err::create_dir_all(target).unwrap();
        } else if path.file_name() == Some("data") {
            fs_err::hard_link(path, target).unwrap();
        } else {
            fs_err::copy(path, target).unwrap();
        }
    }
}
