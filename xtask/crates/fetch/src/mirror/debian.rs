//! A Debian source package, fetched by apt from where the system's own sources point, in a private apt root: neither
//! the system's lists nor its caches are touched, and root is not needed.

use super::{Job, Proof};
use crate::error::MirrorError;
use crate::io_error::IoError;
use crate::run::{download, failed};
use crate::unpack::single_root;
use camino::{Utf8Path, Utf8PathBuf};
use std::fs;
use std::process::Command;

const HINT: &str = "this mirror works on Debian and Ubuntu only";

pub(super) fn populate(
    job: &Job<'_>,
    package: &str,
    version: &str,
    subdir: &Utf8Path,
    tree: &Utf8Path,
) -> Result<Proof, MirrorError> {
    // The version may hold an epoch's colon, which is fine in a file's name; the tree digest proves the content.
    let kept = job.dir.join("debian").join(format!("{package}_{version}.tar"));
    if !kept.is_file() {
        if job.offline {
            return Err(MirrorError::Offline);
        }
        obtain(job, package, version, &kept)?;
    }
    let what = format!("source package {package} {version}");
    let root = single_root(&kept, job.limits)
        .map_err(|error| MirrorError::Unpack { archive: what.clone(), error })?;
    job.unpack(&kept, &what, usize::from(root.is_some()), subdir, tree)?;
    Ok(Proof::Itself)
}

/// Asks apt whether it knows the package, without loading it.
pub(crate) fn probe(job: &Job<'_>, package: &str, version: &str) -> Result<(), MirrorError> {
    let (_guard, scratch) = job.scratch()?;
    let apt = Apt::prepare(job, &scratch)?;
    apt.run(&["update"])?;
    apt.run(&["source", "--print-uris", &format!("{package}={version}")])
}

fn obtain(job: &Job<'_>, package: &str, version: &str, kept: &Utf8Path) -> Result<(), MirrorError> {
    let (_guard, scratch) = job.scratch()?;
    let apt = Apt::prepare(job, &scratch)?;
    apt.run(&["update"])?;
    apt.run(&["source", "--download-only", &format!("{package}={version}")])?;
    let mut tarballs: Vec<String> = Vec::new();
    let out = apt.out();
    for entry in out.read_dir_utf8().map_err(|e| IoError::new("reading", &out, e))? {
        let name = entry.map_err(|e| IoError::new("reading", &out, e))?.file_name().to_owned();
        let is_signature = Utf8Path::new(&name).extension() == Some("asc");
        if name.contains(".tar.") && !name.contains(".debian.tar.") && !is_signature {
            tarballs.push(name);
        }
    }
    // `.orig.tar.*`, or the one file of a native package; further `.orig-<part>.tar.*` are not the upstream's root.
    let main = tarballs.iter().find(|name| name.contains(".orig.tar.")).or(tarballs.first());
    let Some(main) = main else {
        return Err(MirrorError::Unusable(format!("apt brought no tar file for {package} {version}")));
    };
    if let Some(parent) = kept.parent() {
        fs::create_dir_all(parent).map_err(|e| IoError::new("making the directory", parent, e))?;
    }
    // Copied, as apt may leave a link to a local repository.
    let part = kept.with_extension("part");
    fs::copy(out.join(main), &part).map_err(|e| IoError::new("keeping", &part, e))?;
    fs::rename(&part, kept).map_err(|e| IoError::new("keeping", kept, e))?;
    Ok(())
}

/// A private apt root.
struct Apt<'a> {
    job: &'a Job<'a>,
    root: &'a Utf8Path,
}

impl<'a> Apt<'a> {
    fn prepare(job: &'a Job<'a>, root: &'a Utf8Path) -> Result<Self, MirrorError> {
        for directory in ["sources.list.d", "lists/partial", "cache/archives/partial", "out"] {
            let directory = root.join(directory);
            fs::create_dir_all(&directory)
                .map_err(|e| IoError::new("making the directory", &directory, e))?;
        }
        fs::write(root.join("status"), "").map_err(|e| IoError::new("writing", root, e))?;
        let mut count = 0;
        let mut files = vec![job.apt_etc.join("sources.list")];
        let parts = job.apt_etc.join("sources.list.d");
        files.extend(
            parts.read_dir_utf8().into_iter().flatten().flatten().map(camino::Utf8DirEntry::into_path),
        );
        for file in files {
            let (Some(name), Ok(text)) = (file.file_name(), fs::read_to_string(&file)) else { continue };
            let text = match file.extension() {
                Some("list") => one_line(&text),
                Some("sources") => paragraphs(&text),
                _ => continue,
            };
            let to = root.join("sources.list.d").join(name);
            fs::write(&to, text).map_err(|e| IoError::new("writing", &to, e))?;
            count += 1;
        }
        if count == 0 {
            return Err(MirrorError::Unusable(format!("{} names no package sources", job.apt_etc)));
        }
        Ok(Self { job, root })
    }

    fn out(&self) -> Utf8PathBuf {
        self.root.join("out")
    }

    fn run(&self, args: &[&str]) -> Result<(), MirrorError> {
        let root = self.root;
        let stall = self.job.transfer.stall.as_secs().max(1);
        let mut options = vec!["-q".to_owned()];
        for option in [
            "Dir::Etc::SourceList=/dev/null".to_owned(),
            format!("Dir::Etc::SourceParts={root}/sources.list.d"),
            format!("Dir::State::Lists={root}/lists"),
            format!("Dir::State::status={root}/status"),
            format!("Dir::Cache={root}/cache"),
            "Debug::NoLocking=true".to_owned(),
            // The user `_apt` cannot write here.
            "APT::Sandbox::User=root".to_owned(),
            "Acquire::Languages=none".to_owned(),
            format!("Acquire::http::Timeout={stall}"),
            format!("Acquire::https::Timeout={stall}"),
            "APT::Update::Error-Mode=any".to_owned(),
        ] {
            options.extend(["-o".to_owned(), option]);
        }
        options.extend(args.iter().map(|&arg| arg.to_owned()));
        let mut command = Command::new("apt-get");
        command.args(options).current_dir(self.out()).env("LC_ALL", "C");
        let output = download("apt-get", HINT, command, self.job.transfer.program, self.root)?;
        if output.status.success() { Ok(()) } else { Err(failed("apt-get", &output)) }
    }
}

/// `deb …` lines as `deb-src …`.
pub(crate) fn one_line(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        if let Some(rest) = line.trim_start().strip_prefix("deb").filter(|rest| rest.starts_with([' ', '\t']))
        {
            out.push_str("deb-src");
            out.push_str(rest);
            out.push('\n');
        }
    }
    out
}

/// Deb822 paragraphs with `Types: deb-src`.
pub(crate) fn paragraphs(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let is_types = line.get(..6).is_some_and(|key| key.eq_ignore_ascii_case("types:"));
        out.push_str(if is_types { "Types: deb-src" } else { line });
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_sources_become_source_sources() {
        let list = "# c\ndeb [signed-by=/k] http://h/d s main\ndeb-src http://h/d s main\n";
        assert_eq!(one_line(list), "deb-src [signed-by=/k] http://h/d s main\n");
        let deb822 = "Types: deb deb-src\nURIs: http://h/d\n\ntypes: deb\nURIs: x\n";
        assert_eq!(paragraphs(deb822), "Types: deb-src\nURIs: http://h/d\n\nTypes: deb-src\nURIs: x\n");
    }
}
