//! Python's package indexes, found as the user's own client is configured and read by their simple API.

mod discover;
mod page;

pub(crate) use page::{File, is_sdist, parse, release, sdist_version, wheel_version};

use crate::ask;
use crate::error::MirrorError;
use crate::patience::Transfer;
use camino::Utf8PathBuf;
use transfer::redact;

/// JSON first (PEP 691); an index that has only HTML (PEP 503) is read too.
const ACCEPT: &str =
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/// Where packages come from.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
pub(crate) struct Indexes {
    /// Roots of simple APIs, the main one first.
    pub(crate) indexes: Vec<String>,
    /// Directories or pages with files, as of pip's `--find-links`.
    pub(crate) find_links: Vec<String>,
}

impl Indexes {
    /// Asks the environment, then pip, then uv.
    pub(crate) fn discover(transfer: &Transfer) -> Result<Self, MirrorError> {
        discover::discover(|name| std::env::var(name).ok(), transfer)
    }

    /// The sdist in a local `find-links` directory.
    pub(crate) fn local(&self, package: &str, version: &str) -> Option<Utf8PathBuf> {
        let directories = self.find_links.iter().filter_map(|link| {
            let path = link.strip_prefix("file://").unwrap_or(link);
            (!path.contains("://")).then(|| Utf8PathBuf::from(path))
        });
        directories.filter_map(|directory| directory.read_dir_utf8().ok()).flatten().flatten().find_map(
            |entry| is_sdist(entry.file_name(), package, Some(version)).then(|| entry.path().to_owned()),
        )
    }

    /// The sdist of one version, from the first index that has it.
    pub(crate) fn sdist(
        &self,
        package: &str,
        version: &str,
        transfer: &Transfer,
    ) -> Result<File, MirrorError> {
        let mut problem = None;
        for index in &self.indexes {
            match files(index, package, transfer) {
                Ok(files) => {
                    let mut wanted =
                        files.into_iter().filter(|f| is_sdist(&f.filename, package, Some(version)));
                    if let Some(file) = wanted.next() {
                        return Ok(file);
                    }
                    let text = format!("{} has no sdist of {package} {version}", redact(index));
                    problem = Some(MirrorError::Unusable(text));
                }
                Err(error) => problem = Some(error),
            }
        }
        Err(problem
            .unwrap_or_else(|| MirrorError::Unusable("pip is configured without any index".to_owned())))
    }

    /// The sdist of the highest final release that was not withdrawn.
    pub(crate) fn newest(&self, package: &str, transfer: &Transfer) -> Result<File, MirrorError> {
        let mut problem = MirrorError::Unusable(format!("no index has an sdist of {package}"));
        let mut newest: Option<(Vec<u64>, File)> = None;
        for index in &self.indexes {
            match files(index, package, transfer) {
                Ok(files) => {
                    for file in files.into_iter().filter(|file| !file.yanked) {
                        let release = sdist_version(&file.filename, package).and_then(|v| page::release(&v));
                        let Some(release) = release else { continue };
                        if newest.as_ref().is_none_or(|(best, _)| *best < release) {
                            newest = Some((release, file));
                        }
                    }
                }
                Err(error) => problem = error,
            }
        }
        newest.map(|(_, file)| file).ok_or(problem)
    }
}

impl Indexes {
    /// All files of `package` in the first index that has any.
    pub(crate) fn files(&self, package: &str, transfer: &Transfer) -> Result<Vec<File>, MirrorError> {
        let mut problem = MirrorError::Unusable(format!("no index has {package}"));
        for index in &self.indexes {
            match files(index, package, transfer) {
                Ok(files) if files.is_empty() => {}
                Ok(files) => return Ok(files),
                Err(error) => problem = error,
            }
        }
        Err(problem)
    }
}

/// All files of `package` in one index.
pub(crate) fn files(index: &str, package: &str, transfer: &Transfer) -> Result<Vec<File>, MirrorError> {
    let url = format!("{}/{}/", index.trim_end_matches('/'), page::normalized(package));
    page::parse(&url, &ask::page(&url, ACCEPT, transfer)?)
}
