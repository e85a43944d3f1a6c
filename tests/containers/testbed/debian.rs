//! Debian packages, unpacked rather than installed, and where this machine gets them from.

use crate::child::{self, LONG, SHORT};
use camino::{Utf8Path, Utf8PathBuf};
use std::process::Command;

/// The release that the base image is of, and whose packages fit this machine.
pub const RELEASE: &str = "bookworm";

/// A repository that this machine's apt uses.
pub struct Repository {
    pub uri: String,
    pub suite: String,
    pub component: String,
}

/// Debian's own repositories in this machine's apt configuration.
pub fn repositories() -> Vec<Repository> {
    let mut list = Command::new("apt-get");
    let format = "$(CREATED_BY) $(ORIGIN) $(REPO_URI) $(CODENAME) $(COMPONENT)";
    list.args(["indextargets", "--format", format]);
    let listed = child::run(list, SHORT).expect(0).out;
    let repositories: Vec<Repository> = listed
        .lines()
        .filter_map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            let [created_by, origin, uri, suite, component] = words[..] else { return None };
            let (uri, suite, component) = (uri.to_owned(), suite.to_owned(), component.to_owned());
            (created_by == "Packages" && origin == "Debian").then_some(Repository { uri, suite, component })
        })
        .collect();
    assert!(
        repositories.iter().any(|repository| repository.suite == RELEASE),
        "container tests need a machine with Debian {RELEASE}; `apt-get indextargets` shows:\n{listed}"
    );
    repositories
}

/// Gets the newest package lists, if there are none.
pub fn update() {
    let mut list = Command::new("apt-get");
    list.args(["indextargets", "--format", "$(CODENAME)", "Created-By: Packages"]);
    if child::run(list, SHORT).out.lines().all(|suite| suite != RELEASE) {
        let mut update = Command::new("apt-get");
        update.args(["update", "--quiet"]);
        child::run(update, LONG).expect(0);
    }
}

/// Downloads packages and unpacks them below a directory, with `work` for the archives.
pub fn unpack(packages: &[&str], work: &Utf8Path, into: &Utf8Path) {
    fs_err::create_dir_all(work).unwrap();
    let mut download = Command::new("apt-get");
    // As root apt would fetch as a user who must not write here, and warn that it does not.
    download.args(["download", "--quiet", "-o", "APT::Sandbox::User=root"]).args(packages).current_dir(work);
    child::run(download, LONG).expect(0);
    for entry in work.read_dir_utf8().unwrap() {
        let archive: Utf8PathBuf = entry.unwrap().into_path();
        let mut unpack = Command::new("dpkg-deb");
        unpack.args(["--extract", archive.as_str(), into.as_str()]);
        child::run(unpack, SHORT).expect(0);
        fs_err::remove_file(archive).unwrap();
    }
}
