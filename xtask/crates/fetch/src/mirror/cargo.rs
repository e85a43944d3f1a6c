//! A crate file, fetched by cargo itself: its settings say where the registry is.

use super::{Job, Proof};
use crate::error::MirrorError;
use crate::io_error::IoError;
use crate::run::{download, failed};
use camino::{Utf8Path, Utf8PathBuf};
use model::source::{Sha256, Upstream};
use std::process::Command;

const HINT: &str = "it comes with Rust";

pub(super) fn populate(
    job: &Job<'_>,
    package: &str,
    version: &str,
    sha256: &Sha256,
    subdir: &Utf8Path,
    tree: &Utf8Path,
) -> Result<Proof, MirrorError> {
    let file = match job.downloads.cached(sha256)? {
        Some(file) => file,
        None => obtain(job, package, version, sha256)?,
    };
    // A crate holds all in `<name>-<version>/`.
    job.unpack(&file, &format!("crate {package} {version}"), 1, subdir, tree)?;
    let is_upstream = matches!(&job.pin.upstream, Upstream::Crate { sha256: pinned, .. } if pinned == sha256);
    Ok(if is_upstream { Proof::Upstream } else { Proof::Itself })
}

/// Has the registry this version?
pub(crate) fn probe(job: &Job<'_>, package: &str, version: &str) -> Result<(), MirrorError> {
    info(job, &format!("{package}@{version}"), &home()?)
}

/// Where cargo keeps what it loads.
fn home() -> Result<Utf8PathBuf, MirrorError> {
    let home = std::env::var("CARGO_HOME").map(Utf8PathBuf::from);
    let home = home.or_else(|_| std::env::var("HOME").map(|home| Utf8PathBuf::from(home).join(".cargo")));
    home.map_err(|_| MirrorError::Unusable("neither CARGO_HOME nor HOME is set".to_owned()))
}

/// `cargo info` loads one crate and none of its dependencies; the file then lies in cargo's cache.
fn info(job: &Job<'_>, spec: &str, home: &Utf8Path) -> Result<(), MirrorError> {
    let (_guard, scratch) = job.scratch()?;
    let mut args = vec!["info".to_owned(), "--quiet".to_owned()];
    if job.offline {
        args.push("--offline".to_owned());
    }
    args.push(spec.to_owned());
    let mut command = Command::new("cargo");
    command.args(args).current_dir(&scratch);
    let output = download("cargo", HINT, command, job.transfer.program, home)?;
    match output.status.success() {
        true => Ok(()),
        false if job.offline => Err(MirrorError::Offline),
        false => Err(failed("cargo", &output)),
    }
}

fn obtain(job: &Job<'_>, package: &str, version: &str, sha256: &Sha256) -> Result<Utf8PathBuf, MirrorError> {
    let home = home()?;
    info(job, &format!("{package}@{version}"), &home)?;
    let cache = home.join("registry/cache");
    let name = format!("{package}-{version}.crate");
    let mut other = None;
    for registry in cache.read_dir_utf8().map_err(|e| IoError::new("reading", &cache, e))? {
        let file = registry.map_err(|e| IoError::new("reading", &cache, e))?.path().join(&name);
        if file.is_file() {
            match job.downloads.adopt(&file, sha256) {
                Ok(file) => return Ok(file),
                Err(error) => other = Some(error),
            }
        }
    }
    Err(other.unwrap_or_else(|| MirrorError::Unusable(format!("cargo left no {name} in {cache}"))))
}
